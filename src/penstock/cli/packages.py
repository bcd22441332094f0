"""`penstock package`: upload, list and delete the files that jobs are made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from penstock.cli import words
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json, show_table
from penstock.cli.trouble import Trouble

app = typer.Typer(no_args_is_help=True, help="Packages: the jars and files that jobs are made of.")

_OWN = "/penstock/v1/projects/{project}/packages"
_PAGE = 100

Group = Annotated[str | None, typer.Option(help="The group it belongs to. [default: none]", show_default=False)]


@app.command(
    "upload",
    epilog=examples(
        "penstock package upload target/orders.jar", "penstock package upload connector.jar prices.csv --group shared"
    ),
)
@spread
def upload(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to upload.", show_default=False)],
    service: Service,
    group: Group = None,
    kind: Annotated[str | None, typer.Option(help="jar or file. [default: as the name ends]")] = None,
) -> None:
    """Upload packages; the same name again points at the new content."""
    client = service.client()
    answers = [put(client, file, group=group, kind=kind, quiet=service.as_json) for file in files]
    if service.as_json:
        show_json(answers)
        return
    for file, answer in zip(files, answers, strict=True):
        say(f"{full_name(group, file.name)}: {words.size(answer['size'])}, sha256 {answer['sha256']}")


@app.command("list", epilog=examples("penstock package list"))
@spread
def list_packages(service: Service) -> None:
    """List the packages of the project."""
    packages = list(all_packages(service.client()))
    if service.as_json:
        show_json(packages)
        return
    rows = [
        (
            full_name(package["group"], package["name"]),
            package["kind"],
            words.size(package["size"]),
            words.instant(package["updated_at"]),
            package["status"],
            package["owner"],
        )
        for package in packages
    ]
    show_table(("PACKAGE", "KIND", "SIZE", "UPDATED", "STATUS", "OWNER"), rows)
    for package in packages:
        if package["trouble"]:
            say(package["trouble"])


@app.command("delete", epilog=examples("penstock package delete orders.jar shared/prices.csv"))
@spread
def delete(
    packages: Annotated[list[str], typer.Argument(metavar="PACKAGE...", help="NAME or GROUP/NAME.")], service: Service
) -> None:
    """Delete packages; what a job already runs stays until it ends."""
    client = service.client()
    for package in packages:
        group, _, name = package.rpartition("/")
        path = f"/v2.0/{{project}}/resources/{quote(name, safe='')}"
        client.call("DELETE", path, query={"group": group or None})
    if service.as_json:
        show_json({"deleted": packages})
        return
    for package in packages:
        say(f"{package}: deleted")


def put(client: Client, file: Path, *, group: str | None = None, kind: str | None = None, quiet: bool = False) -> Any:
    """Uploads one file as it is read, with a bar on a terminal."""
    fields = {name: value for name, value in (("kind", kind), ("group", group)) if value}
    try:
        with file.open("rb") as raw, _watched(raw, file, quiet) as content:
            return client.upload(_OWN, file.name, content, fields)
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}.", "name a file that is there.") from error


@contextmanager
def _watched(raw: BinaryIO, file: Path, quiet: bool) -> Iterator[BinaryIO]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        yield progress.wrap_file(raw, total=file.stat().st_size, description=file.name)


def all_packages(client: Client) -> Iterator[dict[str, Any]]:
    """Every package of the project, page by page."""
    cursor: str | None = None
    while True:
        page = client.call("GET", _OWN, query={"limit": _PAGE, "cursor": cursor})
        yield from page["packages"]
        cursor = page.get("next")
        if not cursor:
            return


def full_name(group: str | None, name: str) -> str:
    """As jobs name it."""
    return f"{group}/{name}" if group else name
