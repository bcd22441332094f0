"""A local place for tests: a folder, a served engine, and orders for the test jobs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from penstock.domain.run import RunId
from penstock.domain.run_sheet import Part, RunSheet
from penstock.engines.local import machine, plugin
from penstock.engines.local.engine import LocalEngine
from penstock.ports.clock import SystemClock
from penstock.ports.engine import LaunchOrder
from penstock.ports.ids import RandomIds
from penstock.testing.builders import a_sheet
from penstock.testing.surroundings import FolderOfBlobs, Stirred, some_surroundings

TEST_JOBS = Path(__file__).parents[2] / "jars" / "testjobs.jar"
SCENARIOS = {
    "unbounded": ("Unbounded", ()),
    "bounded": ("Bounded", ("--records", "100")),
    "fails": ("FailsAfter", ("--records", "1")),
    "refused": ("MainThrows", ()),
}


class LocalPlace:
    """One installation's place in a folder; what is launched here is discarded by who launched it."""

    def __init__(self, folder: Path, installation: str = "", **settings: object) -> None:
        self.folder = folder
        self.settings = plugin.settings(settings)
        self.around = some_surroundings(folder, SystemClock(), installation)
        blobs, stir = self.around.blobs, self.around.stir
        assert isinstance(blobs, FolderOfBlobs)
        assert isinstance(stir, Stirred)
        self.blobs, self.stirred = blobs, stir.runs
        _share_archives(self.around.folder, folder.parent / "archives")
        self._jar = self.blobs.keep(TEST_JOBS.read_bytes())
        self._numbers = count(1)
        self._serving: asyncio.Task[None] | None = None
        self.engine: LocalEngine = plugin.factory(self.settings, self.around)

    def order(self, scenario: str) -> LaunchOrder:
        return self.order_of(*SCENARIOS[scenario])

    def order_of(self, name: str, arguments: tuple[str, ...] = (), **changes: object) -> LaunchOrder:
        number = next(self._numbers)
        sheet: RunSheet = a_sheet(
            main_class=f"io.penstock.testjobs.{name}", arguments=arguments, entrypoint=Part("testjobs.jar", self._jar)
        )
        sheet = replace(sheet, **changes)  # type: ignore[arg-type]  # tests name real fields
        return LaunchOrder(run=RunId(RandomIds().hex(24)), job_id=number, job_name=name, sheet=sheet)

    def processes(self) -> dict[int, dict[str, str]]:
        """What this place has running on the machine: tags by pid."""
        tags = {"penstock.installation": self.around.installation}
        return {process.pid: dict(found) for process, found in machine.find(tags)}

    def pids(self, run: RunId, role: str = "") -> list[int]:
        pair = self.engine._pairs.of_run(run)
        assert pair is not None
        return [
            pid
            for pid, tags in self.processes().items()
            if tags["penstock.pair"] == pair.id and role in tags["penstock.role"]
        ]

    async def until_idle(self, pairs: int = 1) -> None:
        async with asyncio.timeout(120):
            while self.engine.health().facts["idle_pairs"] < pairs:  # noqa: ASYNC110 - as an operator would
                await asyncio.sleep(0.05)

    def part(self, name: str, data: bytes) -> Part:
        return Part(name, self.blobs.keep(data))

    async def start(self) -> None:
        self._serving = asyncio.create_task(self.engine.serve())

    async def end(self) -> None:
        """As a service does that is asked to end."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])
            self._serving = None

    async def reborn(self) -> LocalEngine:
        await self.end()
        self.engine = plugin.factory(self.settings, self.around)
        await self.start()
        return self.engine

    async def clear(self) -> None:
        for run in await self.engine.list_runs():
            await self.engine.discard(run)
        await self.end()


def _share_archives(place: Path, archives: Path) -> None:
    """Flink's class archives are made once in a test run, beside the folders of its tests, instead of by every place."""
    archives.mkdir(exist_ok=True)
    place.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (place / "archives").symlink_to(archives)


@asynccontextmanager
async def a_local_place(folder: Path, installation: str = "", **settings: object) -> AsyncIterator[LocalPlace]:
    place = LocalPlace(folder, installation, **settings)
    await place.start()
    try:
        yield place
    finally:
        await place.clear()
