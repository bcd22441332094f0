"""Files and functions stay small; the exceptions are known by name, and their modules say why."""

import ast
from collections.abc import Iterator

FILE_LIMIT = 400
FUNCTION_LIMIT = 50

LONG_FILES: frozenset[str] = frozenset()
LONG_FUNCTIONS = frozenset({"src/penstock/database/migrations/versions/v0001_first.py:_jobs"})  # path:function


def test_a_long_file_is_known_by_name(modules):
    long = {path for path, text in modules.items() if len(text.splitlines()) > FILE_LIMIT}

    assert long == LONG_FILES


def test_a_long_function_is_known_by_name(modules):
    long = {
        f"{path}:{name}" for path, text in modules.items() for name, size in functions(text) if size > FUNCTION_LIMIT
    }

    assert long == LONG_FUNCTIONS


def test_whatever_is_long_says_why(modules):
    paths = LONG_FILES | {name.partition(":")[0] for name in LONG_FUNCTIONS}

    assert [path for path in paths if " long" not in (ast.get_docstring(ast.parse(modules[path])) or "")] == []


def functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1
