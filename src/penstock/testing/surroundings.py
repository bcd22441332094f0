"""What an engine is given, made for tests: a folder, a clock, names, contents, notes; and whom it stirred."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from penstock.domain.errors import ObjectMissing
from penstock.domain.run import InstallationId, RunId
from penstock.ports.clock import Clock
from penstock.ports.ids import RandomIds
from penstock.ports.surroundings import Surroundings
from penstock.testing.clock import ManualClock
from penstock.testing.place_records import MemoryRunNotes


class FolderOfBlobs:
    """Contents by their hash, as an engine fetches them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, data: bytes) -> str:
        name = sha256(data).hexdigest()
        (self._folder / name).write_bytes(data)
        return name

    async def fetch(self, sha256: str) -> Path:
        path = self._folder / sha256
        if not path.exists():
            raise ObjectMissing(f"no content {sha256}")
        return path


@dataclass(frozen=True, slots=True)
class Stirred:
    """Every run that the engine said has news, in their order."""

    runs: list[RunId] = field(default_factory=list)

    def __call__(self, run: RunId) -> None:
        self.runs.append(run)


def some_surroundings(folder: Path, clock: Clock | None = None, installation: str = "") -> Surroundings:
    """Of a place named `here` whose files are all in this folder. The same one again is the same place, but for its
    notes, which are in memory: hand the same surroundings to an engine that is reborn."""
    place = folder / "here"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Surroundings(
        installation=InstallationId(installation or RandomIds().hex(8)),
        place="here",
        folder=place,
        jobs_folder=folder / "jobs",
        clock=clock or ManualClock(),
        ids=RandomIds(),
        blobs=FolderOfBlobs(folder / "blobs"),
        notes=MemoryRunNotes(),
        stir=Stirred(),
    )
