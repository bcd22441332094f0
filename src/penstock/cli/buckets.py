"""`penstock bucket`: make, authorise, list and delete buckets, and put and get the objects in them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

import typer

from penstock.cli import words
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.service import Service
from penstock.cli.tables import mention, say, show_json, show_table
from penstock.cli.trouble import Trouble

app = typer.Typer(no_args_is_help=True, help="Buckets: where logs and objects are kept.")

_OWN = "/penstock/v1/projects/{project}/buckets"
_AUTHORISE = "/v1.0/{project}/dli/obs-authorize"
_PAGE = 1000

Name = Annotated[str, typer.Argument(metavar="BUCKET", help="The bucket's name; case matters.", show_default=False)]
Names = Annotated[list[str], typer.Argument(metavar="BUCKET...", help="Names of buckets.", show_default=False)]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The object's key, like jobs/logs/a.log.", show_default=False)]


@app.command("create", epilog=examples("penstock bucket create orders-logs --authorize"))
@spread
def create(
    name: Name,
    service: Service,
    authorize: Annotated[bool, typer.Option("--authorize", help="Let jobs name it, too.")] = False,
) -> None:
    """Make a bucket; one that is there already stays as it is."""
    bucket = make(service.client(), name, authorize=authorize)
    if service.as_json:
        show_json(bucket)
    elif bucket["authorised"]:
        say(f"The bucket {name} is there, and jobs may name it.")
    else:
        say(f"The bucket {name} is there. Let jobs name it: penstock bucket authorize {name}")


@app.command("authorize", epilog=examples("penstock bucket authorize orders-logs orders-data"))
@spread
def authorize(names: Names, service: Service) -> None:
    """Let jobs name these buckets."""
    answer = service.client().call("POST", _AUTHORISE, body={"obs_buckets": names})
    if service.as_json:
        show_json(answer)
    else:
        say(answer["message"])


@app.command("list", epilog=examples("penstock bucket list"))
@spread
def list_buckets(service: Service) -> None:
    """List the buckets of the project."""
    buckets = all_buckets(service.client())
    if service.as_json:
        show_json(buckets)
        return
    rows = [
        (bucket["name"], bucket["authorised"], words.instant(bucket["created_at"]), bucket.get("location") or "")
        for bucket in buckets
    ]
    show_table(("BUCKET", "AUTHORISED", "CREATED", "LIES IN"), rows)


@app.command("objects", epilog=examples("penstock bucket objects orders-logs --prefix jobs/logs/"))
@spread
def list_objects(
    name: Name, service: Service, prefix: Annotated[str, typer.Option(help="Only keys that begin so.")] = ""
) -> None:
    """List the objects in a bucket."""
    found = list(objects_of(service.client(), name, prefix))
    if service.as_json:
        show_json(found)
        return
    rows = [(each["key"], words.size(each["size"]), words.instant(each["modified"])) for each in found]
    show_table(("KEY", "SIZE", "MODIFIED"), rows)


@app.command(
    "get",
    epilog=examples(
        "penstock bucket get orders-data prices.csv prices.csv", "penstock bucket get orders-data prices.csv | head"
    ),
)
@spread
def get(
    name: Name,
    key: Key,
    service: Service,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to; default: standard output.")] = None,
) -> None:
    """Download an object."""
    pieces = download(service.client(), name, key)
    first = next(pieces, b"")  # before the file is touched: an object that is not there must not empty it
    try:
        if file is None:
            _write(sys.stdout.buffer, first, pieces)
        else:
            with file.open("wb") as target:
                _write(target, first, pieces)
    except BrokenPipeError:  # whoever read it has enough: no other file would help
        raise
    except OSError as error:
        raise Trouble(f"{file or 'The output'} cannot be written: {error.strerror}.", "name another file.") from error
    if file is not None:
        mention(f"{key}: {words.size(file.stat().st_size)} in {file}")


@app.command("put", epilog=examples("penstock bucket put orders-data jars/orders.jar target/orders.jar"))
@spread
def put(
    name: Name,
    key: Key,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to upload.", show_default=False)],
    service: Service,
) -> None:
    """Upload an object; one of that key is replaced."""
    try:
        with file.open("rb") as content:
            made = service.client().put(_object(name, key), content)
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}.", "name a file that is there.") from error
    if service.as_json:
        show_json(made)
    else:
        say(f"{made['key']}: {words.size(made['size'])}")


@app.command(
    "delete",
    epilog=examples(
        "penstock bucket delete orders-data prices.csv jars/orders.jar", "penstock bucket delete orders-data"
    ),
)
@spread
def delete(
    name: Name,
    service: Service,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY...]", help="Objects; default: the bucket itself.")
    ] = None,
) -> None:
    """Delete objects, or an empty bucket."""
    client = service.client()
    paths = {key: _object(name, key) for key in keys} if keys else {name: _bucket(name)}
    for path in paths.values():
        client.call("DELETE", path)
    if service.as_json:
        show_json({"deleted": list(paths)})
        return
    for what in paths:
        say(f"{what}: deleted")


def make(client: Client, name: str, *, authorize: bool) -> dict[str, Any]:
    """The bucket as it is from now on; one that is there already stays."""
    bucket = client.call("PUT", _bucket(name))
    if authorize and not bucket["authorised"]:
        client.call("POST", _AUTHORISE, body={"obs_buckets": [name]})
        bucket = client.call("GET", _bucket(name))
    return dict(bucket)


def all_buckets(client: Client) -> list[dict[str, Any]]:
    return list(client.call("GET", _OWN)["buckets"])


def objects_of(client: Client, bucket: str, prefix: str = "") -> Iterator[dict[str, Any]]:
    """Every object whose key begins so, page by page."""
    cursor: str | None = None
    while True:
        query = {"prefix": prefix or None, "limit": _PAGE, "cursor": cursor}
        page = client.call("GET", f"{_bucket(bucket)}/objects", query=query)
        yield from page["objects"]
        cursor = page.get("next")
        if not cursor:
            return


def download(client: Client, bucket: str, key: str) -> Iterator[bytes]:
    """The object's bytes, in pieces."""
    return client.download(_object(bucket, key))


def _bucket(name: str) -> str:
    return f"{_OWN}/{quote(name, safe='')}"


def _object(bucket: str, key: str) -> str:
    return f"{_bucket(bucket)}/objects/{quote(key)}"


def _write(target: BinaryIO, first: bytes, pieces: Iterator[bytes]) -> None:
    target.write(first)
    target.writelines(pieces)
    target.flush()
