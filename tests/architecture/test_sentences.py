"""Every module opens with its one sentence, and is named after something."""

import ast
from pathlib import PurePath

LIMIT = 120
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager", "managers", "stuff"}


def opening(text: str) -> str:
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def test_every_module_opens_with_its_sentence(modules):
    silent = [path for path, text in modules.items() if not opening(text).endswith((".", "?"))]

    assert silent == []


def test_the_sentence_fits_one_line(modules):
    assert [path for path, text in modules.items() if len(opening(text)) > LIMIT] == []


def test_no_module_is_a_drawer(modules):
    assert [path for path in modules if DRAWERS & {part.removesuffix(".py") for part in PurePath(path).parts}] == []
