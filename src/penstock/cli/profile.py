"""Which service a command talks to, and as whom: a profile file, and the environment above it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from penstock.cli.trouble import Trouble

_VARIABLES = {
    "endpoint": "PENSTOCK_ENDPOINT",
    "project_id": "PENSTOCK_PROJECT",
    "access_key": "PENSTOCK_ACCESS_KEY",
    "secret_key": "PENSTOCK_SECRET_KEY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An address, a project, and a key that may act in it."""

    endpoint: str
    project_id: str
    access_key: str
    secret_key: str = field(repr=False)
    source: str
    ca: str = ""  # file of certificates that are believed beside those that this machine knows


def state_directory(state: Path | None) -> Path:
    """The flag, else the environment, else a folder of the user's own."""
    return state or Path(os.environ.get("PENSTOCK_STATE") or Path.home() / ".local" / "share" / "penstock")


def read(
    path: Path | None, state: Path | None, ca: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Profile:
    """The profile to use. The environment alone may be enough: then no file is looked for."""
    trusted = {"ca": str(ca)} if ca else {}
    said = {name: environment[variable] for name, variable in _VARIABLES.items() if environment.get(variable)}
    if said.keys() == _VARIABLES.keys():
        return Profile(**said, **trusted, source="the environment")
    named = path or (Path(environment["PENSTOCK_PROFILE"]) if environment.get("PENSTOCK_PROFILE") else None)
    return from_file(named or state_directory(state) / "profile.json", said | trusted)


def from_file(path: Path, over: Mapping[str, str] | None = None) -> Profile:
    """What the file says, with `over` above it."""
    found = _document(path) | dict(over or {})
    missing = [name for name in _VARIABLES if not isinstance(found.get(name), str) or not found[name]]
    if missing:
        raise Trouble(
            f"The profile {path} does not name {' and '.join(missing)}.",
            "put it right, or delete it and start the service once: penstock serve writes it anew.",
        )
    named = {name: str(found[name]) for name in _VARIABLES}
    return Profile(**named, ca=str(found.get("ca") or ""), source=str(path))


def _document(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Trouble(
            f"There is no profile at {path}.",
            "start the service once (penstock serve writes it), name its state directory with --state, "
            f"or set {', '.join(_VARIABLES.values())}.",
        ) from error
    except OSError as error:
        raise Trouble(
            f"The profile {path} cannot be read: {error.strerror}.",
            "ask as the OS user whom the service runs as, or name another profile with --profile.",
        ) from error
    except ValueError as error:
        raise Trouble(
            f"The profile {path} is not JSON: {error}.",
            "put it right, or delete it and start the service once: penstock serve writes it anew.",
        ) from error
    return found if isinstance(found, dict) else {}
