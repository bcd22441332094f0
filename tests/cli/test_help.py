"""Every help ends with examples that can be called, and every command that a text names is there."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from penstock.cli.main import app

ROOT = Path(__file__).parents[2]
COLUMNS = 80
TOP: Any = get_command(app)
OPERATORS = {"|", "<", ">", ">>", "&&", ";"}


def commands(command: Any = TOP, path: tuple[str, ...] = ("penstock",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every group and command under its whole name."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        if not name.startswith(("refuse", "stumble")):  # tests of errors add these
            yield from commands(below, (*path, name))


GROUPS = {path: command for path, command in commands() if hasattr(command, "commands")}
LEAVES = {path: command for path, command in commands() if path not in GROUPS}


@cache
def help_of(path: tuple[str, ...]) -> str:
    command = GROUPS.get(path) or LEAVES[path]
    with command.make_context(" ".join(path), [], resilient_parsing=True, terminal_width=COLUMNS) as context:
        return str(command.get_help(context))


def examples_of(path: tuple[str, ...]) -> list[str]:
    """What is under the last heading, with continued lines put together."""
    _, heading, below = help_of(path).rstrip().rpartition("\n  Example")
    shown = below.partition(":\n")[2].replace("\\\n", "") if heading else ""
    return [line.strip() for line in shown.splitlines()]


def calls_in(example: str) -> list[list[str]]:
    """The arguments of each call of ours; a shell's other commands are left out."""
    lexer = shlex.shlex(example, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word in OPERATORS:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part[:1] == ["penstock"]]


def parse(arguments: list[str]) -> tuple[str, ...]:
    """The command that is called; raises what a wrong call raises, and runs nothing."""
    path, command = ("penstock",), TOP
    while hasattr(command, "commands"):
        name, *arguments = arguments
        path, command = (*path, name), command.commands[name]
    with command.make_context(" ".join(path), arguments):
        return path


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_the_help_of_a_command_ends_with_examples_that_call_it(path: tuple[str, ...]) -> None:
    examples = examples_of(path)

    called = [parse(call[1:]) for example in examples for call in calls_in(example)]

    assert 1 <= len(examples) <= 3
    assert called == [path] * len(examples)


@pytest.mark.parametrize("path", [*GROUPS, *LEAVES], ids=" ".join)
def test_help_fits_a_terminal(path: tuple[str, ...]) -> None:
    assert [line for line in help_of(path).splitlines() if len(line) > COLUMNS] == []


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_no_line_of_a_list_of_commands_is_cut_off(path: tuple[str, ...]) -> None:
    assert [line for line in help_of(path).splitlines() if line.startswith("  ") and line.endswith("...")] == []


def test_every_command_that_a_cure_or_a_page_names_is_there() -> None:
    groups = {path[1] for path in GROUPS if len(path) == 2}
    spoken = re.compile(rf"\bpenstock ({'|'.join(sorted(groups))}) ([a-z]+(?:-[a-z]+)*)\b")
    texts = [*ROOT.glob("src/penstock/**/*.py"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]

    named = {("penstock", *found.groups()) for file in texts for found in spoken.finditer(file.read_text("utf-8"))}

    assert named - LEAVES.keys() == set()
