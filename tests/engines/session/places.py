"""A session place for tests: a served engine on a real cluster, and orders for the test jobs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from clusters import SessionCluster
from engines.local.places import SCENARIOS, TEST_JOBS
from penstock.domain.run import RunId
from penstock.domain.run_sheet import Part, RunSheet
from penstock.engines.session import plugin
from penstock.engines.session.engine import SessionEngine
from penstock.ports.clock import SystemClock
from penstock.ports.engine import LaunchOrder
from penstock.ports.ids import RandomIds
from penstock.testing.builders import a_sheet
from penstock.testing.surroundings import FolderOfBlobs, some_surroundings


class SessionPlace:
    """One installation's place; what is launched here is discarded by who launched it, or at the end."""

    def __init__(self, folder: Path, address: str, **settings: object) -> None:
        self.settings = plugin.settings({"address": address, **settings})
        self.around = some_surroundings(folder, SystemClock())
        blobs = self.around.blobs
        assert isinstance(blobs, FolderOfBlobs)
        self._jar = blobs.keep(TEST_JOBS.read_bytes())
        self._numbers = count(1)
        self._serving: list[asyncio.Task[None]] = []
        self.engine = self.another()

    def another(self) -> SessionEngine:
        """One more engine over the same place, as another controller has; not served yet."""
        return plugin.factory(self.settings, self.around)

    def order(self, scenario: str) -> LaunchOrder:
        return self.order_of(*SCENARIOS[scenario])

    def order_of(self, name: str, arguments: tuple[str, ...] = (), parallelism: int = 1, **spec: object) -> LaunchOrder:
        number = next(self._numbers)
        sheet: RunSheet = a_sheet(
            main_class=f"io.penstock.testjobs.{name}", arguments=arguments, entrypoint=Part("testjobs.jar", self._jar)
        )
        sheet = replace(
            sheet,
            footprint=replace(sheet.footprint, parallelism=parallelism),
            spec=replace(sheet.spec, **spec),  # type: ignore[arg-type]  # tests name real fields
        )
        return LaunchOrder(run=RunId(RandomIds().hex(24)), job_id=number, job_name=name, sheet=sheet)

    async def serve(self, engine: SessionEngine) -> None:
        """Until the cluster was asked once."""
        self._serving.append(asyncio.create_task(engine.serve()))
        async with asyncio.timeout(30):
            while not engine.health().ready:  # noqa: ASYNC110 - as an operator would
                await asyncio.sleep(0.02)

    async def end(self) -> None:
        for serving in self._serving:
            serving.cancel()
        if self._serving:
            await asyncio.wait(self._serving)
        self._serving.clear()

    async def reborn(self) -> SessionEngine:
        await self.end()
        self.engine = self.another()
        await self.serve(self.engine)
        return self.engine

    async def clear(self) -> None:
        for run in await self.engine.list_runs():
            await self.engine.observe([run])
            await self.engine.discard(run)
        await self.end()


@asynccontextmanager
async def a_session_place(folder: Path, cluster: SessionCluster, **settings: object) -> AsyncIterator[SessionPlace]:
    place = SessionPlace(folder, str(settings.pop("address", cluster.address)), **settings)
    await place.serve(place.engine)
    try:
        yield place
    finally:
        await place.clear()
