"""Finds engines, object stores and notifiers by name, through entry points.

The built-in ones come in by the same door. A plugin is imported when somebody asks for it, not before: the libraries
that it needs may not be installed.
"""

from collections.abc import Collection
from difflib import get_close_matches
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from penstock.domain.errors import SetupError
from penstock.ports.plugin import Plugin


class Kind(StrEnum):
    """What a plugin can be; the value is the group of its entry point."""

    ENGINE = "penstock.engines"
    OBJECT_STORE = "penstock.object_stores"
    NOTIFIER = "penstock.notifiers"

    @property
    def in_words(self) -> str:
        return self.value.removeprefix("penstock.").removesuffix("s").replace("_", " ")


def known(kind: Kind) -> tuple[str, ...]:
    """The names of what is installed, in order; nothing is imported."""
    return tuple(sorted(entry_points(group=kind).names))


# What a plugin's settings are, is given and makes is between the plugin and its group: wiring says what it expects.
def find(kind: Kind, name: str) -> Plugin[Any, Any, Any]:
    """Raises SetupError where nothing of that name is installed, or where it cannot be loaded."""
    entries = entry_points(group=kind, name=name)
    if not entries:
        raise SetupError(_unknown(kind, name, known(kind)))
    return _load(kind, next(iter(entries)))


def _unknown(kind: Kind, name: str, names: Collection[str]) -> str:
    if not names:
        return f"There is no {kind.in_words} {name!r}: none is installed."
    near = get_close_matches(name, names, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no {kind.in_words} {name!r}; known are: {', '.join(sorted(names))}.{guess}"


def _load(kind: Kind, entry: EntryPoint) -> Plugin[Any, Any, Any]:
    try:
        plugin = entry.load()
    except (ImportError, AttributeError) as error:
        advice = f"the library that it needs may be missing: try `pip install 'penstock[{entry.name}]'`"
        raise SetupError(f"The {kind.in_words} {entry.name!r} cannot be loaded ({error}); {advice}.") from error
    if not isinstance(plugin, Plugin):
        raise SetupError(f"The {kind.in_words} {entry.name!r} is not a plugin: {entry.value} is {plugin!r}.")
    return plugin
