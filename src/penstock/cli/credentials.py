"""`penstock key` and `penstock token`: what requests prove themselves with; made, listed and revoked."""

import re
from typing import Annotated
from urllib.parse import quote

import typer

from penstock.cli import words
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.people import all_of, user_named, when
from penstock.cli.service import Service
from penstock.cli.tables import mention, say, show_details, show_json, show_table
from penstock.cli.trouble import ExitCode, Trouble

keys = typer.Typer(no_args_is_help=True, help="Access keys (AK/SK): what requests are signed with. For operators.")
tokens = typer.Typer(no_args_is_help=True, help="Tokens: what stands for a user, until it expires.")

_OURS = "/penstock/v1"
_SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LIFE = re.compile(r"([0-9]{1,9})([smhd])\Z")

Owner = Annotated[str, typer.Option("--user", metavar="USER", help="For this user. [default: yourself]")]


@keys.command("create", epilog=examples("penstock key create", "penstock key create --user acme/ann"))
@spread
def create_key(service: Service, user: Owner = "") -> None:
    """Make an access key; its secret is shown this once."""
    client = service.client()
    asked = {"user_id": user_named(client, user)["id"]} if user else {}
    made = client.call("POST", f"{_OURS}/keys", body=asked)
    if service.as_json:
        show_json(made)
        return
    whose = f"{made['account']['name']}/{made['user']['name']}"
    show_details((("user", whose), ("access_key", made["access_key"]), ("secret_key", made["secret_key"])))
    mention("The secret is not shown again: keep it where only its user can read it.")


@keys.command("list", epilog=examples("penstock key list"))
@spread
def list_keys(service: Service) -> None:
    """List the access keys of all users, without their secrets."""
    found = list(all_of(service.client(), "keys"))
    if service.as_json:
        show_json(found)
        return
    rows = [(one["access_key"], one["account"]["name"], one["user"]["name"], when(one, "created_at")) for one in found]
    show_table(("ACCESS KEY", "ACCOUNT", "USER", "CREATED"), rows)


@keys.command("revoke", epilog=examples("penstock key revoke 4QJ0M7XT2B9NV5KD1RWC"))
@spread
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="ACCESS_KEY", help="The access key.", show_default=False)],
    service: Service,
) -> None:
    """Revoke an access key: it is refused at once."""
    service.client().call("DELETE", f"{_OURS}/keys/{quote(key, safe='')}")
    if not service.as_json:
        say(f"Access key {key} is revoked.")


@tokens.command(
    "create",
    epilog=examples(
        "penstock token create", "penstock token create --user acme/monitor --life 365d --json | jq -r .token"
    ),
)
@spread
def create_token(
    service: Service,
    project: Annotated[str, typer.Option(metavar="ID", help="For this project. [default: the profile's]")] = "",
    user: Owner = "",
    life: Annotated[str, typer.Option(help="How long it holds, like 90m, 24h or 365d.")] = "24h",
) -> None:
    """Make a token, shown this once."""
    client = service.client()
    asked: dict[str, object] = {"life": _seconds(life)}
    if user:
        asked["user_id"] = user_named(client, user)["id"]
    if project or not user:
        asked["project_id"] = project or client.profile.project_id
    made = client.call("POST", f"{_OURS}/tokens", body=asked)
    if service.as_json:
        show_json(made)
        return
    show_details(
        (("token", made["token"]), ("project", made["project_id"]), ("expires", words.instant(made["expires_at"])))
    )
    mention("The token is not shown again: keep it where only its user can read it.")


@tokens.command("list", epilog=examples("penstock token list"))
@spread
def list_tokens(service: Service) -> None:
    """List tokens by the first digits of their hash, the newest first. For operators."""
    found = list(all_of(service.client(), "tokens"))
    if service.as_json:
        show_json(found)
        return
    rows = [
        (
            one["prefix"],
            f"{one['account']['name']}/{one['user']['name']}",
            one["project"]["name"] if one["project"] else "(all)",
            one["method"],
            when(one, "expires_at"),
        )
        for one in found
    ]
    show_table(("TOKEN", "USER", "PROJECT", "BY", "EXPIRES"), rows)


@tokens.command("revoke", epilog=examples("penstock token revoke 9f86d081884c"))
@spread
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="As `token list` shows it.", show_default=False)],
    service: Service,
) -> None:
    """Revoke a token: it is refused at once. For operators."""
    service.client().call("DELETE", f"{_OURS}/tokens/{quote(token, safe='')}")
    if not service.as_json:
        say(f"Token {token} is revoked.")


def _seconds(life: str) -> int:
    found = _LIFE.match(life)
    if not found:
        raise Trouble(f"--life {life} is no span.", "write it like 90m, 24h or 365d.", ExitCode.USAGE)
    return int(found[1]) * _SPANS[found[2]]
