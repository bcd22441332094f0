"""What a plugin is: a name, a check of its own settings, and a factory; found by entry point, never imported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

SettingsT = TypeVar("SettingsT")
GivenT_contra = TypeVar("GivenT_contra", contravariant=True)
MadeT_co = TypeVar("MadeT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin(Generic[SettingsT, GivenT_contra, MadeT_co]):
    """`settings` raises SetupError with one sentence, also for a key that it does not know. `factory` is given those
    settings, and an engine its Surroundings, an object store the folder that it may use."""

    name: str
    settings: Callable[[Mapping[str, object]], SettingsT]
    factory: Callable[[SettingsT, GivenT_contra], MadeT_co]
