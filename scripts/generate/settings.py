"""The page of settings: each with its type, its default and its meaning, as the models say them."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from words import opening, table

from penstock import plugins
from penstock.plugins import Kind
from penstock.settings import Settings

_CONTAINERS = {dict: "table by name", tuple: "list"}
_COLUMNS = ("Setting", "Type", "Default", "Meaning")
_INTRODUCTION = """
Order: a flag wins over the environment, the environment over the file, the file over the default. The file is
`penstock.toml` in the state directory, or the one that `--config` or `PENSTOCK_CONFIG` names. In the environment
`api.create` is `PENSTOCK_API__CREATE`. Unknown settings are errors. `penstock settings` shows what holds.
"""


def page() -> str:
    parts = [opening("Settings", "the models of the settings"), _INTRODUCTION]
    plain = [row for row in rows(Settings, ()) if not _is_topic(Settings, row[0])]
    parts += ["\n## At the top\n\n", table(_COLUMNS, plain)]
    for name, field in Settings.model_fields.items():
        if _is_model(field.annotation):
            parts += [f"\n## {name}\n\n{_said(field.annotation)}\n\n", table(_COLUMNS, rows(field.annotation, (name,)))]
    for kind, where in ((Kind.ENGINE, "places.NAME"), (Kind.OBJECT_STORE, "store"), (Kind.NOTIFIER, "notifiers.{}")):
        for plugin in plugins.known(kind):
            parts += list(_own(kind, plugin, where.format(plugin)))
    return "".join(parts)


def _own(kind: Kind, name: str, where: str) -> Iterator[str]:
    """The settings of a plugin, if it has any: the model is what its reader gives."""
    model = get_type_hints(plugins.find(kind, name).settings).get("return")
    if not _is_model(model):
        return
    yield f"\n## {where}, {kind.in_words} `{name}`\n\n{_said(model)}\n\n"
    yield table(_COLUMNS, rows(model, (where,)))


def rows(model: type[BaseModel], above: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
    said = _docstrings(model)
    return [
        (f"`{'.'.join((*above, name))}`", f"`{_type(field.annotation)}`", _default(field), said.get(name, ""))
        for name, field in model.model_fields.items()
    ]


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_topic(model: type[BaseModel], cell: str) -> bool:
    return _is_model(model.model_fields[cell.strip("`")].annotation)


def _said(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The line under each field; not every model asks Pydantic to keep it."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0].body
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[field.target.id] = str(text.value.value)
    return found


def _type(annotation: object) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(map(str, get_args(annotation)))
    if origin in (Union, UnionType):
        return " or ".join(_type(part) for part in get_args(annotation) if part is not type(None))
    if origin in _CONTAINERS:
        return _CONTAINERS[origin]
    return {int: "integer", float: "number", str: "text", bool: "yes or no", Path: "path"}.get(
        annotation, getattr(annotation, "__name__", str(annotation))
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "`~/.local/share/penstock`" if field.annotation is Path else "none"
    if field.default_factory is not None:
        made = field.default_factory()
        return f"`{json.dumps({name: value.model_dump() for name, value in made.items()})}`"
    return f"`{field.default}`" if field.default not in (None, ()) and str(field.default) else "none"
