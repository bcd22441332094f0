"""`penstock migrate`: make the tables of the database, or move the records to another one."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.examples import examples
from penstock.cli.serve import Config
from penstock.cli.service import Json, State
from penstock.cli.tables import mention, say, show_json, show_table
from penstock.cli.trouble import ExitCode, Trouble
from penstock.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="The database: its tables, and the way from SQLite to PostgreSQL.")

To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="URL",
        show_default=False,
        help="Where to. [default: database.url; its password is better in PGPASSWORD than here]",
    ),
]


@app.command("database", epilog=examples("penstock migrate database", "penstock migrate database --config new.toml"))
def database(state: State = None, config: Config = None) -> None:
    """Make or change the tables as this version needs them.

    The start of a service does it, too.
    """
    # Imported here, since the database's libraries would make every other command start later.
    from penstock.database.migrate import migrate  # noqa: PLC0415

    migrate(load(state=state, config=config).database_url)
    say("The tables are as this version needs them.")


@app.command(
    "sqlite-to-postgresql",
    epilog=examples("penstock migrate sqlite-to-postgresql --to postgresql://me@db/penstock"),
)
def sqlite_to_postgresql(to: To = "", state: State = None, config: Config = None, as_json: Json = False) -> None:
    """Move all records of a stopped service.

    They go into an empty PostgreSQL database. The jobs run on meanwhile.
    """
    from penstock.database.move import move  # noqa: PLC0415 - as above
    from penstock.database.state_directory import StateDirectory  # noqa: PLC0415

    settings = load(state=state, config=config)
    source, target = _ways(settings, to)
    if not settings.state.is_dir():
        raise Trouble(f"There is no state directory {settings.state}.", "name it with --state.", ExitCode.SETUP)
    with StateDirectory(settings.state).occupied():
        moved = move(source, target, lambda step: mention(f"moving: {step}"))
    if as_json:
        show_json({"moved_to": moved.where, "rows": moved.rows, "had_arrived_before": moved.earlier})
        return
    show_table(("TABLE", "ROWS"), moved.rows.items())
    earlier = " They had arrived before, when the command was interrupted." if moved.earlier else ""
    say(f"The records are in {moved.where} now.{earlier}")
    say("What to do: set database.url to its address with its password, then start the service. The jobs ran on.")


def _ways(settings: Settings, to: str) -> tuple[str, str]:
    """From where, and where to: whichever of the two is not in the settings has its default or is named."""
    in_state_directory = f"sqlite:///{Path(settings.state) / 'penstock.db'}"
    kept = settings.database.url
    if kept and not kept.startswith("sqlite"):
        return in_state_directory, to or kept
    if not to:
        raise Trouble("It is not said where to move.", "name the new database with --to, or in database.url.")
    return kept or in_state_directory, to
