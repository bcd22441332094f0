"""What a plugin is: a name, a check of its own settings, and a factory; found by entry point, never imported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from penstock.ports.surroundings import Surroundings

SettingsT = TypeVar("SettingsT")
MadeT_co = TypeVar("MadeT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin(Generic[SettingsT, MadeT_co]):
    """`settings` raises SetupError with one sentence, also for a key that it does not know."""

    name: str
    settings: Callable[[Mapping[str, object]], SettingsT]
    factory: Callable[[SettingsT, Surroundings], MadeT_co]
