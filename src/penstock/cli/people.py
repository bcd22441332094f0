"""`penstock user` and `penstock project`: who may ask, and where; made, listed and revoked by operators."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from penstock.cli import words
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json, show_table
from penstock.cli.trouble import Trouble

users = typer.Typer(no_args_is_help=True, help="Users: who may ask. For operators.")
projects = typer.Typer(
    no_args_is_help=True, help="Projects: spaces of their own for jobs and what they need. For operators."
)

_OURS = "/penstock/v1"
_PAGE = 1000

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name.", show_default=False)]
Person = Annotated[str, typer.Argument(metavar="USER", help="The id, NAME or ACCOUNT/NAME.", show_default=False)]
Account = Annotated[str, typer.Option(help="The account; made if it is not there. [default: your own]")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read a password from standard input.")]


@users.command(
    "create",
    epilog=examples(
        "penstock user create ann --account acme", 'echo "$PASSWORD" | penstock user create ann --password-stdin'
    ),
)
@spread
def create_user(
    name: Name,
    service: Service,
    account: Account = "",
    password_stdin: FromInput = False,
    operator: Annotated[bool, typer.Option("--operator", help="May do what operators do.")] = False,
) -> None:
    """Make a user, who may ask once there is a password or a key."""
    asked = {"name": name, "account": account, "is_operator": operator, "password": _password(password_stdin)}
    made = service.client().call("POST", f"{_OURS}/users", body=asked)
    if service.as_json:
        show_json(made)
        return
    say(f"User {made['account']['name']}/{made['name']} is made, with the id {made['id']}.")
    say(f"Give them a key: penstock key create --user {made['id']}")


@users.command(
    "password",
    epilog=examples(
        'echo "$PASSWORD" | penstock user password acme/ann --password-stdin', "penstock user password acme/ann"
    ),
)
@spread
def set_password(person: Person, service: Service, password_stdin: FromInput = False) -> None:
    """Set a user's password. Without --password-stdin it is taken away."""
    client = service.client()
    path = f"{_OURS}/users/{user_named(client, person)['id']}/password"
    client.call("PUT", path, body={"password": _password(password_stdin)})
    if not service.as_json:
        say(f"The password of {person} is {'set' if password_stdin else 'taken away'}.")


@users.command("list", epilog=examples("penstock user list"))
@spread
def list_users(service: Service) -> None:
    """List the users of all accounts."""
    found = list(all_of(service.client(), "users"))
    if service.as_json:
        show_json(found)
        return
    columns = ("ACCOUNT", "NAME", "ID", "OPERATOR", "PASSWORD", "DISABLED")
    show_table(
        columns, [(*_named(one), one["is_operator"], one["has_password"], when(one, "disabled_at")) for one in found]
    )


@users.command("revoke", epilog=examples("penstock user revoke acme/ann"))
@spread
def disable_user(person: Person, service: Service) -> None:
    """Disable a user. Their keys, tokens and password are refused at once."""
    client = service.client()
    client.call("DELETE", f"{_OURS}/users/{user_named(client, person)['id']}")
    if not service.as_json:
        say(f"User {person} is disabled: their keys, tokens and password are refused from now on.")


@projects.command("create", epilog=examples("penstock project create cn-north-4 --account acme"))
@spread
def create_project(name: Name, service: Service, account: Account = "") -> None:
    """Make a project. Clients look it up by the name of their region, like cn-north-4."""
    made = service.client().call("POST", f"{_OURS}/projects", body={"name": name, "account": account})
    if service.as_json:
        show_json(made)
        return
    say(f"Project {made['account']['name']}/{made['name']} is made, with the id {made['id']}.")


@projects.command("list", epilog=examples("penstock project list"))
@spread
def list_projects(service: Service) -> None:
    """List the projects of all accounts."""
    found = list(all_of(service.client(), "projects"))
    if service.as_json:
        show_json(found)
        return
    show_table(("ACCOUNT", "NAME", "ID", "CLOSED"), [(*_named(one), when(one, "closed_at")) for one in found])


@projects.command("revoke", epilog=examples("penstock project revoke acme/cn-north-4"))
@spread
def close_project(
    project: Annotated[
        str, typer.Argument(metavar="PROJECT", help="The id, NAME or ACCOUNT/NAME.", show_default=False)
    ],
    service: Service,
) -> None:
    """Close a project in which nothing runs: nobody reaches it any more."""
    client = service.client()
    found = project_named(client, project)
    client.call("DELETE", f"{_OURS}/projects/{found['id']}")
    if not service.as_json:
        say(f"Project {project} is closed.")


def _password(from_input: bool) -> str:
    """The first line; a terminal would show it, so there it is asked for without an echo."""
    if not from_input:
        return ""
    said: str = typer.prompt("Password", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not said:
        raise Trouble("Standard input holds no password.", "send it as one line, like: echo ... | penstock user create")
    return said


def user_named(client: Client, named: str) -> dict[str, Any]:
    """The user of this id, ACCOUNT/NAME or NAME who is not disabled."""
    return _one(list(all_of(client, "users")), named, "user", "disabled_at")


def project_named(client: Client, named: str) -> dict[str, Any]:
    """The project of this id, ACCOUNT/NAME or NAME that is not closed."""
    return _one(list(all_of(client, "projects")), named, "project", "closed_at")


def _one(things: list[dict[str, Any]], named: str, kind: str, gone: str) -> dict[str, Any]:
    """The one of this id, ACCOUNT/NAME or NAME that is not gone."""
    there = [one for one in things if not one[gone]]
    account, slash, name = named.rpartition("/")
    for one in there:
        if named == one["id"]:
            return one
    fits = [one for one in there if one["name"] == name and (not slash or one["account"]["name"] == account)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        several = ", ".join(f"{one['account']['name']}/{one['name']}" for one in fits)
        raise Trouble(f"Several accounts have a {kind} {named}.", f"name one of them: {several}.")
    raise Trouble(f"There is no {kind} {named}.", f"see which there are: penstock {kind} list.")


def all_of(client: Client, things: str) -> Iterator[dict[str, Any]]:
    """Every page of a list of ours."""
    cursor: int | None = 0
    while cursor is not None:
        page = client.call("GET", f"{_OURS}/{things}", query={"limit": _PAGE, "cursor": cursor})
        yield from page[things]
        cursor = page["next"]


def _named(one: dict[str, Any]) -> tuple[str, str, str]:
    return one["account"]["name"], one["name"], one["id"]


def when(one: dict[str, Any], field: str) -> str:
    """A time of ours in the time zone of this machine."""
    return words.instant(one[field])
