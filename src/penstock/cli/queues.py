"""`penstock queue`: create, list, show and delete the queues that jobs share."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from penstock.cli import words
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.service import Service
from penstock.cli.tables import say, show_details, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Queues: the CUs that jobs share.")

_QUEUES = "/v1.0/{project}/queues"
_DEDICATED = 1

Name = Annotated[str, typer.Argument(metavar="NAME", help="The queue's name.", show_default=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a queue's jobs run."""

    place: Annotated[str | None, typer.Option(help="Where its jobs run. [default: the settings' first]")] = None
    engine: Annotated[
        str | None, typer.Option(help="The engine of that place; alone, it names the only place that has it.")
    ] = None


@app.command(
    "create",
    epilog=examples(
        "penstock queue create streams --cus 32", "penstock queue create big --engine session --place main"
    ),
)
@spread
def create(
    name: Name,
    service: Service,
    standing: Standing,
    cus: Annotated[int, typer.Option(help="The CUs that its jobs share.")] = 16,
    queue_type: Annotated[str, typer.Option("--type", help="general for Flink, sql for SQL alone.")] = "general",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Create a queue. It is dedicated and general, as jar jobs need it, unless told otherwise."""
    body = {"queue_type": queue_type, "description": description, "place": standing.place, "engine": standing.engine}
    answer = make(service.client(), name, cus, {key: value for key, value in body.items() if value})
    if service.as_json:
        show_json(answer)
    else:
        say(f"Queue {answer['queue_name']} is created, with {cus} CUs.")


@app.command("list", epilog=examples("penstock queue list"))
@spread
def list_queues(service: Service) -> None:
    """List the queues of the project."""
    queues = all_queues(service.client())
    if service.as_json:
        show_json(queues)
        return
    rows = [
        (
            queue["queue_name"],
            queue["queue_type"],
            "dedicated" if queue.get("resource_mode") == _DEDICATED else "shared",
            f"{queue.get('used_cu') or 0} of {queue['cu_count']}",
            queue.get("place") or "-",
            queue.get("place_engine") or "-",
            words.moment(queue.get("create_time")),
        )
        for queue in queues
    ]
    show_table(("QUEUE", "TYPE", "MODE", "CUS USED", "PLACE", "ENGINE", "CREATED"), rows)


@app.command("show", epilog=examples("penstock queue show streams"))
@spread
def show(name: Name, service: Service) -> None:
    """Show a queue with all its fields."""
    queue = service.client().call("GET", f"{_QUEUES}/{name}")
    if service.as_json:
        show_json(queue)
        return
    # Four keys come in two spellings; the snake_case ones stay.
    fields = {key: value for key, value in queue.items() if key.islower() and key not in ("is_success", "message")}
    show_details((key, words.moment(value) if key.endswith("_time") else value) for key, value in fields.items())


@app.command("delete", epilog=examples("penstock queue delete streams"))
@spread
def delete(name: Name, service: Service) -> None:
    """Delete a queue that no job uses."""
    answer = service.client().call("DELETE", f"{_QUEUES}/{name}")
    if service.as_json:
        show_json(answer)
    else:
        say(f"Queue {name} is deleted.")


def make(client: Client, name: str, cus: int, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """A queue that jar jobs may use: general and dedicated."""
    asked = {
        "queue_name": name,
        "queue_type": "general",
        "resource_mode": _DEDICATED,
        "charging_mode": 1,
        "cu_count": cus,
    }
    return dict(client.call("POST", _QUEUES, body=asked | (more or {})))


def all_queues(client: Client) -> list[dict[str, Any]]:
    """Every queue of the project, of whatever type."""
    return list(client.call("GET", _QUEUES, query={"queue_type": "all"})["queues"])
