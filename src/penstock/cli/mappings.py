"""`penstock bucket map`, `unmap` and `mapped`: where buckets lie in a store that has its own; for operators."""

from typing import Annotated
from urllib.parse import quote

import typer

from penstock.cli import words
from penstock.cli.buckets import Name
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.people import all_of, project_named
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json, show_table

_OURS = "/penstock/v1"

MAP_EXAMPLES = examples(
    "penstock bucket map orders --project acme/cn-north-4 --to acme-data/logs",
    "penstock bucket map orders --to acme-data",
)
UNMAP_EXAMPLES = examples("penstock bucket unmap orders --project acme/cn-north-4")
MAPPED_EXAMPLES = examples("penstock bucket mapped")

Project = Annotated[
    str,
    typer.Option(metavar="PROJECT", help="The id, NAME or ACCOUNT/NAME. [default: your own]", show_default=False),
]


@spread
def map_bucket(
    name: Name,
    service: Service,
    to: Annotated[
        str,
        typer.Option("--to", metavar="PLACE", help="BUCKET or BUCKET/PREFIX of the object store.", show_default=False),
    ],
    project: Project = "",
) -> None:
    """Map a project's bucket to one of the object store. For operators."""
    client = service.client()
    bucket = client.call("PUT", _path(client, project, name), body={"location": to})
    if service.as_json:
        show_json(bucket)
        return
    say(f"The bucket {name} lies in {bucket['location']} from now on.")
    if not bucket["authorised"]:
        say(f"Its project lets jobs name it: penstock bucket authorize {name}")


@spread
def unmap_bucket(name: Name, service: Service, project: Project = "") -> None:
    """Take a mapped bucket from its project; its objects stay. For operators."""
    client = service.client()
    client.call("DELETE", _path(client, project, name))
    if not service.as_json:
        say(f"The bucket {name} is not mapped any more. Its objects are where they were.")


@spread
def list_mapped(service: Service) -> None:
    """List the mapped buckets of all projects. For operators."""
    client = service.client()
    found = client.call("GET", f"{_OURS}/mapped-buckets")["buckets"]
    if service.as_json:
        show_json(found)
        return
    named = {one["id"]: f"{one['account']['name']}/{one['name']}" for one in all_of(client, "projects")}
    rows = [
        (
            named.get(one["project_id"], one["project_id"]),
            one["name"],
            one["location"],
            words.instant(one["created_at"]),
        )
        for one in found
    ]
    show_table(("PROJECT", "BUCKET", "LIES IN", "SINCE"), rows)


def _path(client: Client, project: str, bucket: str) -> str:
    """The client puts its own project where none is named."""
    owner = project_named(client, project)["id"] if project else "{project}"
    return f"{_OURS}/projects/{owner}/buckets/{quote(bucket, safe='')}/location"
