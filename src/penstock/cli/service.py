"""The flags of every command that asks a service: which one, and in what form its answer is shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from penstock.cli import profile as profiles
from penstock.cli.client import Client

State = Annotated[
    Path | None,
    typer.Option(
        envvar="PENSTOCK_STATE",
        metavar="DIR",
        show_default=False,
        help="The service's state directory. [default: ~/.local/share/penstock]",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whom to ask, and how to show the answer."""

    state: State = None
    profile: Annotated[
        Path | None,
        typer.Option(
            envvar="PENSTOCK_PROFILE",
            metavar="FILE",
            show_default=False,
            help="Address, project and key to use. [default: profile.json in the state directory]",
        ),
    ] = None
    ca: Annotated[
        Path | None,
        typer.Option(
            envvar="PENSTOCK_CA",
            metavar="FILE",
            show_default=False,
            help="Authority that signed the service's certificate. [default: as the profile says]",
        ),
    ] = None
    as_json: Json = False

    def client(self) -> Client:
        return Client(profiles.read(self.profile, self.state, self.ca))
