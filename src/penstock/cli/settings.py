"""`penstock settings`: the effective settings, from flags, environment, file and defaults; secrets are masked.

Those of plugins are read by the plugins, so that their defaults are shown and their slips are told, too.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from penstock import plugins
from penstock.cli.examples import examples
from penstock.cli.serve import Config
from penstock.cli.service import Json, State
from penstock.cli.tables import show_json, show_table
from penstock.plugins import Kind
from penstock.settings import Settings, load

EXAMPLES = examples("penstock settings", "penstock settings --config penstock.toml --json")

_SECRET = re.compile(r"password|secret|token|(^|_)key$|credential", re.IGNORECASE)
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@:]*):[^/@]*(?=@)")
_MASK = "********"


def settings(state: State = None, config: Config = None, as_json: Json = False) -> None:
    """Show the effective settings, secrets masked."""
    effective = _effective(load(state=state, config=config))
    if as_json:
        show_json(effective)
        return
    show_table(("SETTING", "VALUE", "ENVIRONMENT"), list(_lines(effective)))


def masked(value: Any, name: str = "", meant: Any = None) -> Any:
    """The value with everything hidden that somebody looking over a shoulder must not see.

    `meant` is what it is before it was made fit for JSON: the path of a secret is none.
    """
    if isinstance(value, dict):
        kinds = meant if isinstance(meant, Mapping) else {}
        return {key: masked(inner, key, kinds.get(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, name) for inner in value]
    if value not in (None, "") and _SECRET.search(name) and not isinstance(meant, Path):
        return _MASK
    return _PASSWORD_IN_URL.sub(rf"\1:{_MASK}", value) if isinstance(value, str) else value


def _effective(settings: Settings) -> dict[str, Any]:
    shown: dict[str, Any] = _shown(settings)
    shown["store"] |= _of_plugin(Kind.OBJECT_STORE, settings.store.plugin, settings.store.own)
    for name, place in settings.places.items():
        shown["places"][name] |= _of_plugin(Kind.ENGINE, place.engine, place.own)
    for name, notifier in settings.notifiers.items():
        shown["notifiers"][name] |= _of_plugin(Kind.NOTIFIER, name, notifier.own)
    return shown


def _of_plugin(kind: Kind, name: str, own: Mapping[str, object]) -> dict[str, Any]:
    """With the plugin's defaults, where its settings are a model as ours are. Raises SetupError."""
    understood = plugins.find(kind, name).settings(own)
    return _shown(understood) if hasattr(understood, "model_dump") else {}


def _shown(model: Any) -> dict[str, Any]:
    return dict(masked(model.model_dump(mode="json"), meant=model.model_dump()))


def _lines(value: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, object, str]]:
    for name, inner in value.items():
        path = (*above, name)
        if isinstance(inner, dict):
            yield from _lines(inner, path)
        else:
            yield ".".join(path), inner, "PENSTOCK_" + "__".join(path).upper()
