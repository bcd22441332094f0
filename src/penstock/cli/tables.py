"""How answers look: tables for people on standard output, one JSON document for programs."""

import json
import re
import sys
from collections.abc import Iterable, Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDE = 4096
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # what would move a cursor, colour, or break a line


def show_json(document: object) -> None:
    """One line, so that programs can read line by line."""
    typer.echo(json.dumps(document, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns under their names; in a pipe nothing is cut off, coloured or padded at the end."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    _print(table)


def show_details(pairs: Iterable[tuple[str, object]]) -> None:
    """A name and its value a line; what has no value is left out."""
    table = Table(box=None, pad_edge=False, show_header=False, show_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", [], {}):
            table.add_row(name, Text(_cell(value)))
    _print(table)


def say(sentence: str = "") -> None:
    """A sentence for a person, as part of the answer."""
    typer.echo(tame(sentence))


def mention(sentence: str) -> None:
    """A sentence for a person beside the answer."""
    typer.echo(tame(sentence), err=True)


def tame(text: str) -> str:
    """For a terminal, which does what control characters say: they are shown instead, all but tabs and new lines."""
    return _ODD.sub(lambda odd: ascii(odd[0])[1:-1], text)


def _print(table: Table) -> None:
    if sys.stdout.isatty():
        Console().print(table)
        return
    console = Console(width=_WIDE, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        typer.echo(line.rstrip())


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    if isinstance(value, dict):
        return tame(json.dumps(value, ensure_ascii=False))
    return tame(str(value))
