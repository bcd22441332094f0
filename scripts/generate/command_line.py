"""The page of the command line: the help of every command, as the command itself says it."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command
from words import opening

from penstock.cli.main import app

_WIDTH = 100
_INTRODUCTION = """
Every command that asks a service takes `--json`, for programs. Exit codes: 0 it is done, 1 the caller can put it right,
2 it was called wrongly, 70 the fault is Penstock's, 78 the settings or the machine do not allow a start, 130 it was
interrupted, 141 whoever read its output has gone. Every error ends with what to do next. In a pipe there are no colours
and nothing is cut off; `NO_COLOR` leaves colours out on a terminal, too.

`penstock --install-completion` teaches the shell (bash, zsh, fish, PowerShell) to complete commands and flags with Tab.
"""


def page() -> str:
    parts = [opening("Command line", "the commands"), _INTRODUCTION]
    for path, text in _helps(get_command(app), ("penstock",)):
        parts.append(f"\n## {' '.join(path)}\n\n```\n{text}\n```\n")
    return "".join(parts)


def _helps(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    with command.make_context(" ".join(path), [], resilient_parsing=True, terminal_width=_WIDTH) as context:
        text = command.get_help(context)
    yield path, "\n".join(line.rstrip() for line in text.splitlines())
    for name, below in getattr(command, "commands", {}).items():
        yield from _helps(below, (*path, name))
