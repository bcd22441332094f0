"""`penstock place`: the places where jobs run, as the services see them; for operators."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Places: where jobs run. For operators.")

_PLACES = "/penstock/v1/places"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The place's name.", show_default=False)]


@app.command("list", epilog=examples("penstock place list"))
@spread
def list_places(service: Service) -> None:
    """List the places of all services, with the room that they offer."""
    places = service.client().call("GET", _PLACES)["places"]
    if service.as_json:
        show_json(places)
        return
    rows = [
        (place["name"], place["engine"], _room(place["room"]), "yes" if place["ready"] else f"no: {place['said']}")
        for place in places
    ]
    show_table(("PLACE", "ENGINE", "ROOM", "READY"), rows)


@app.command("release", epilog=examples("penstock place release machine_a"))
@spread
def release(name: Name, service: Service) -> None:
    """Let another state directory have a place.

    Only when the one that it is bound to is gone for good: the runs that were there count as lost then.
    """
    service.client().call("POST", f"{_PLACES}/{quote(name, safe='')}/release")
    if not service.as_json:
        say(f"The place {name} is free: the next service that has it in its settings looks after it.")


def _room(room: Mapping[str, Any]) -> str:
    known = [
        f"{amount} {unit}" for unit, amount in (("CUs", room["cus"]), ("slots", room["slots"])) if amount is not None
    ]
    return ", ".join(known) or "no limit"
