"""`penstock serve`: runs the service until it is told to end."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.examples import examples
from penstock.cli.service import State
from penstock.cli.start import start
from penstock.cli.tables import mention
from penstock.settings import load

EXAMPLES = examples("penstock serve", "penstock serve --state /var/lib/penstock --port 8080")

Port = Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one. [default: 7480]", show_default=False)]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings. [default: penstock.toml in the state directory]", show_default=False),
]


def serve(
    state: State = None,
    port: Port = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    config: Config = None,
) -> None:
    """Run the service until Ctrl-C or SIGTERM. The jobs run on, and the next start adopts them."""
    settings = load(state=state, host=host, port=port, config=config)
    raise typer.Exit(start(settings, lambda endpoint: mention(f"Penstock answers at {endpoint}")))
