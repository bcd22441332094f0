"""`penstock settings`: the effective settings, from flags, environment, file and defaults; secrets are masked."""

import re
from collections.abc import Iterator
from typing import Any

from penstock.cli.examples import examples
from penstock.cli.serve import Config
from penstock.cli.service import Json, State
from penstock.cli.tables import show_json, show_table
from penstock.settings import load

EXAMPLES = examples("penstock settings", "penstock settings --config penstock.toml --json")

_SECRET = re.compile(r"password|secret|token|(^|_)key$|credential", re.IGNORECASE)
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@:]*):[^/@]*(?=@)")
_MASK = "********"


def settings(state: State = None, config: Config = None, as_json: Json = False) -> None:
    """Show the effective settings, secrets masked."""
    effective = masked(load(state=state, config=config).model_dump(mode="json"))
    if as_json:
        show_json(effective)
        return
    show_table(("SETTING", "VALUE", "ENVIRONMENT"), list(_lines(effective)))


def masked(value: Any, name: str = "") -> Any:
    """The value with everything hidden that somebody looking over a shoulder must not see."""
    if isinstance(value, dict):
        return {key: masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, name) for inner in value]
    if value not in (None, "") and _SECRET.search(name):
        return _MASK
    return _PASSWORD_IN_URL.sub(rf"\1:{_MASK}", value) if isinstance(value, str) else value


def _lines(value: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, object, str]]:
    for name, inner in value.items():
        path = (*above, name)
        if isinstance(inner, dict):
            yield from _lines(inner, path)
        else:
            yield ".".join(path), inner, "PENSTOCK_" + "__".join(path).upper()
