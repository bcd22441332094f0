"""The fields of a job as flags, and the request that they make; the service judges the values."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from penstock.cli.trouble import ExitCode, Trouble

_REPEATED = {"dependency_jar": "dependency_jars", "dependency_file": "dependency_files", "tag": "tags"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFields:
    """What `job create` can say; a flag that is not given leaves its field out."""

    name: Annotated[str | None, typer.Option(help="Its name in the project.")] = None
    desc: Annotated[str | None, typer.Option(help="What it is for.")] = None
    queue_name: Annotated[str | None, typer.Option("--queue-name", "--queue", help="The queue it runs in.")] = None
    entrypoint: Annotated[str | None, typer.Option(help="The package with main(): GROUP/NAME or NAME.")] = None
    main_class: Annotated[str | None, typer.Option(help="The class with main(). [default: the manifest's]")] = None
    entrypoint_args: Annotated[str | None, typer.Option(help="Arguments for main(), as one text.")] = None
    dependency_jar: Annotated[
        list[str] | None, typer.Option(metavar="PACKAGE", help="A package on its class path; repeatable.")
    ] = None
    dependency_file: Annotated[
        list[str] | None, typer.Option(metavar="PACKAGE", help="A package under userData/; repeatable.")
    ] = None
    cu_number: Annotated[int | None, typer.Option(help="CUs in all. [default: 2]")] = None
    manager_cu_number: Annotated[int | None, typer.Option(help="CUs of the JobManager. [default: 1]")] = None
    parallel_number: Annotated[int | None, typer.Option(help="Parallelism. [default: 1]")] = None
    tm_cus: Annotated[int | None, typer.Option(help="CUs of a TaskManager. [default: 1]")] = None
    tm_slot_num: Annotated[int | None, typer.Option(help="Slots of a TaskManager; 0 computes them.")] = None
    log_enabled: Annotated[bool | None, typer.Option(help="Copy its logs to the bucket.")] = None
    obs_bucket: Annotated[str | None, typer.Option(help="The bucket for logs and checkpoints.")] = None
    smn_topic: Annotated[str | None, typer.Option(help="The topic that hears when it breaks.")] = None
    restart_when_exception: Annotated[bool | None, typer.Option(help="Restart it when it breaks.")] = None
    resume_checkpoint: Annotated[bool | None, typer.Option(help="Restart it from its newest checkpoint.")] = None
    resume_max_num: Annotated[int | None, typer.Option(help="Restarts an hour; -1 is no limit.")] = None
    checkpoint_enabled: Annotated[bool | None, typer.Option(help="Take checkpoints.")] = None
    checkpoint_mode: Annotated[str | None, typer.Option(help="1 exactly once, 2 at least once.")] = None
    checkpoint_interval: Annotated[int | None, typer.Option(help="Seconds between checkpoints.")] = None
    checkpoint_path: Annotated[str | None, typer.Option(help="Where its code puts checkpoints.")] = None
    flink_version: Annotated[str | None, typer.Option(help="The Flink it runs on.")] = None
    feature: Annotated[str | None, typer.Option(help="basic or custom.")] = None
    image: Annotated[str | None, typer.Option(help="The image of a custom job.")] = None
    runtime_config: Annotated[str | None, typer.Option(help="Flink options, as k=v lines or JSON.")] = None
    flink_log_config: Annotated[str | None, typer.Option(help="Log levels, as JSON.")] = None
    execution_agency_urn: Annotated[str | None, typer.Option(help="The agency it acts for.")] = None
    tag: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="A tag; repeatable.")] = None
    resource_config_version: Annotated[str | None, typer.Option(help="v1 or v2.")] = None
    resource_config: Annotated[str | None, typer.Option(help="Resources of version v2, as JSON.")] = None

    def request(self, file: Path | None) -> dict[str, object]:
        """The file's fields with the given flags above them."""
        said = _read(file) if file else {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value not in (None, []):
                said[_REPEATED.get(field.name, field.name)] = _VALUE.get(field.name, _as_it_is)(value)
        if not said:
            raise Trouble(
                "The request is empty.", "give it a name at least: --name, or a file: --file FILE.", ExitCode.USAGE
            )
        return said


def _read(file: Path) -> dict[str, object]:
    name = "standard input" if str(file) == "-" else str(file)
    try:
        found = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Trouble(f"{name} cannot be read: {error.strerror}.", "name a file that is there.") from error
    except ValueError as error:
        raise Trouble(f"{name} is not JSON: {error}.", "put it right at that place, then call again.") from error
    if not isinstance(found, dict):
        raise Trouble(f"{name} holds no JSON object.", 'write the request as one object: {"name": ...}.')
    return found


def _tags(pairs: list[str]) -> list[dict[str, str]]:
    split = [pair.partition("=") for pair in pairs]
    return [{"key": key, "value": value} for key, _, value in split]


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Trouble(f"--resource-config is not JSON: {error}.", "put it right, then call again.") from error


def _as_it_is(value: object) -> object:
    return value


_VALUE: dict[str, Callable[[Any], object]] = {"tag": _tags, "resource_config": _parsed}
