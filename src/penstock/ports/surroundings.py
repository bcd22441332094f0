"""What a plugin is given: who we are, the clock, names, a folder to work in, and the contents of packages."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from penstock.domain.run import InstallationId, RunId
from penstock.ports.clock import Clock
from penstock.ports.ids import Ids
from penstock.ports.run_notes import RunNotes


class Blobs(Protocol):
    """Immutable contents, by their SHA-256."""

    async def fetch(self, sha256: str) -> Path:
        """A local, read-only file with the content; raises ObjectMissing or StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Handed to `factory(settings, surroundings)`."""

    installation: InstallationId
    place: str  # the name that the settings give it
    folder: Path  # of this place alone, kept over restarts
    jobs_folder: Path  # `<jobs>/<job id>/state` keeps what a job retains
    clock: Clock
    ids: Ids
    blobs: Blobs
    notes: RunNotes  # with the records, for what the next controller must know; the folder is of this machine alone
    stir: Callable[[RunId], None]  # says that a run has news: look at it now rather than at the next round
