"""The settings of the local engine, and how they are read from a mapping."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from penstock.domain.errors import SetupError
from penstock.flink.sizes import MIB, SMALLEST

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*\Z", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": MIB, "g": 1024 * MIB, "t": 1024 * 1024 * MIB}


def _bytes(value: object) -> object:
    found = _SIZE.match(value) if isinstance(value, str) else None
    return int(float(found[1]) * _UNITS[found[2].lower()]) if found else value


class LocalSettings(BaseModel):
    """One place on this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cu_memory: Annotated[int, BeforeValidator(_bytes), Field(ge=SMALLEST)] = 1024 * MIB
    """Memory of a CU, in bytes or as "1g"; 1 GiB, since the 4 GB of DLI are more than a laptop has."""
    pool_size: Annotated[int, Field(ge=0, le=100)] = 1
    """Warm pairs that wait for a job; one takes a job in a third of a second and costs about 290 MB."""
    memory_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The part of the machine's memory that jobs may take; the rest is for the system and this service."""
    starts_at_a_time: Annotated[int, Field(ge=1, le=64)] = 2
    """Pairs that start together; starts are bound by the processor, and more at once only make each slower."""
    main_limit: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that the main() of a job may take to hand its job to Flink."""
    start_limit: Annotated[float, Field(gt=0)] = 90.0
    """Seconds until the processes of a pair must be up; after that the start is tried again with another pair."""
    bundle_cache: Annotated[int, BeforeValidator(_bytes), Field(ge=0)] = 2048 * MIB
    """Bytes of bundles that are kept to be used again; the least recently used go first."""
    flink_home: Path | None = None
    """An unpacked Flink; otherwise FLINK_HOME, otherwise the one from PyPI."""
    java_home: Path | None = None
    """A Java runtime; otherwise JAVA_HOME, otherwise the one from PyPI."""


def read_settings(given: Mapping[str, object]) -> LocalSettings:
    """Raises SetupError in one sentence that names every fault."""
    try:
        return LocalSettings.model_validate(dict(given))
    except ValidationError as exc:
        faults = "; ".join(
            _sentence(".".join(map(str, error["loc"])), error["type"], error["msg"]) for error in exc.errors()
        )
        raise SetupError(f"The settings of a local place are wrong: {faults}") from exc


def _sentence(name: str, kind: str, words: str) -> str:
    if kind != "extra_forbidden":
        return f"{name}: {words}"
    near = difflib.get_close_matches(name, LocalSettings.model_fields, n=1)
    return f"{name} is not a setting" + (f", did you mean {near[0]}?" if near else "")
