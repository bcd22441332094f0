"""The command `penstock`: what it can do, and how each of its errors reaches whoever called it.

One of the three places that catch everything: what nobody foresaw still ends with a sentence and an exit code.
"""

import json
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from penstock.cli import (
    buckets,
    credentials,
    inspection,
    job_edit,
    jobs,
    logs,
    mappings,
    migrate,
    packages,
    people,
    places,
    queues,
    quickstart,
    savepoints,
    serve,
    settings,
    topics,
)
from penstock.cli.tables import tame
from penstock.cli.trouble import ExitCode, Trouble
from penstock.domain.errors import PenstockError, SetupError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("serve", epilog=serve.EXAMPLES)(serve.serve)
app.command("quickstart", epilog=quickstart.EXAMPLES)(quickstart.quickstart)
jobs.app.command("edit", epilog=job_edit.EXAMPLES)(job_edit.edit)
jobs.app.command("savepoint", epilog=savepoints.MAKE_EXAMPLES)(savepoints.make)
jobs.app.command("import-savepoint", epilog=savepoints.IMPORT_EXAMPLES)(savepoints.bring)
jobs.app.command("logs", epilog=logs.EXAMPLES)(logs.logs)
packages.app.command("inspect", epilog=inspection.EXAMPLES)(inspection.inspect_package)
buckets.app.command("map", epilog=mappings.MAP_EXAMPLES)(mappings.map_bucket)
buckets.app.command("unmap", epilog=mappings.UNMAP_EXAMPLES)(mappings.unmap_bucket)
buckets.app.command("mapped", epilog=mappings.MAPPED_EXAMPLES)(mappings.list_mapped)
app.add_typer(jobs.app, name="job")
app.add_typer(packages.app, name="package")
app.add_typer(queues.app, name="queue")
app.add_typer(places.app, name="place")
app.add_typer(people.users, name="user")
app.add_typer(people.projects, name="project")
app.add_typer(credentials.keys, name="key")
app.add_typer(credentials.tokens, name="token")
app.add_typer(buckets.app, name="bucket")
app.add_typer(topics.app, name="topic")
app.add_typer(migrate.app, name="migrate")
app.command("settings", epilog=settings.EXAMPLES)(settings.settings)

_COMPLETION = frozenset({"--install-completion", "--show-completion"})


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"penstock {version('penstock')}")
        raise typer.Exit


@app.callback()
def top(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Penstock runs Apache Flink jar jobs behind the job API of Huawei Cloud DLI."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command to its end and returns its exit code."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    report = _report_json if "--json" in asked else _report
    try:
        return _call(asked)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # which Typer takes for a fault of the caller
            return ExitCode.UNREAD
        return ended.code if isinstance(ended.code, int) else ExitCode.CALLER
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except typer.TyperException as error:
        return report(_usage(error))
    except Trouble as error:
        return report(error)
    except SetupError as error:
        cure = str(error.facts.get("cure") or "put right what the sentence names, then start again.")
        return report(Trouble(str(error), cure, ExitCode.SETUP))
    except Exception as error:  # noqa: BLE001 - the last one to catch: nobody is left above
        return report(_unforeseen(error))


def _call(asked: list[str]) -> int:
    ended = app(args=asked, prog_name="penstock", standalone_mode=False)
    if ended and not _COMPLETION.isdisjoint(asked):
        raise Trouble("There is no completion for this shell.", "call it in bash, zsh, fish or PowerShell.")
    return ended if isinstance(ended, int) else ExitCode.OK


def _usage(error: typer.TyperException) -> Trouble:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "penstock"
    return Trouble(error.format_message(), f"see how it is called: {path} --help.", ExitCode.USAGE)


def _unforeseen(error: Exception) -> Trouble:
    """What the error says of itself if it is ours, else where it came from, for whoever mends it."""
    if isinstance(error, PenstockError):
        return Trouble(str(error), "call again; if it stays, report it.", ExitCode.OURS, **error.facts)
    trace = "".join(traceback.format_exception(error))
    what = f"Penstock met what it does not know how to handle: {type(error).__name__}: {error}"
    return Trouble(what, "report it, with what is written above.", ExitCode.OURS, trace=trace)


def _report(trouble: Trouble) -> ExitCode:
    what = str(trouble)
    if what.startswith("Usage:"):
        typer.echo(what, err=True)
        return trouble.code
    if trace := trouble.facts.get("trace"):
        typer.echo(trace, err=True)
    typer.echo(f"Error: {tame(what)}", err=True)
    if request_id := trouble.facts.get("request_id"):
        typer.echo(f"Request id: {request_id}", err=True)
    typer.echo(f"What to do: {trouble.cure}", err=True)
    return trouble.code


def _report_json(trouble: Trouble) -> ExitCode:
    told = {"error": str(trouble), "what_to_do": trouble.cure, "exit_code": int(trouble.code)}
    typer.echo(json.dumps(told | trouble.facts, ensure_ascii=False, default=str), err=True)
    return trouble.code
