"""Runs the loops beside each other: those of the whole service, and each place's engine, reconciler, shipper, sweeper."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from penstock.control.admitter import Admitter
from penstock.control.alarm_publisher import AlarmPublisher, Post
from penstock.control.fetcher import Contents, Fetcher
from penstock.control.leases import LeaseKeeper
from penstock.control.log_shipper import LogShipper
from penstock.control.reconciler import Reconciler
from penstock.control.refusal_shipper import RefusalShipper
from penstock.control.rounds import Deaf, rounds
from penstock.control.sweeper import Sweeper
from penstock.control.tools import Tools
from penstock.control.upkeep import Upkeep
from penstock.domain.plan import Rules
from penstock.domain.run import RunId
from penstock.ports.bell import CONTROL, OUTBOX, UPLOADS
from penstock.ports.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The places that this process serves, by name, and the one of queues that name none."""

    places: Mapping[str, Engine]
    default_place: str


class Controller:
    """Everything under way is repeated by the next one."""

    def __init__(
        self,
        tools: Tools,
        served: Served,
        rules: Rules,
        upkeep: Upkeep,
        post: Post,
        contents: Contents,
    ) -> None:
        self._tools = tools
        places = self._places = served.places
        self._upkeep = upkeep
        self._admission = LeaseKeeper("admission", tools)
        self._admitter = Admitter(tools, places, served.default_place, self._admission)
        self._refusals = RefusalShipper(tools, self._admission, rules.log_limit)
        self._telling = LeaseKeeper("outbox", tools)
        self._publisher = AlarmPublisher(tools, post, self._telling)
        self._copying = LeaseKeeper("uploads", tools)
        self._fetcher = Fetcher(tools, contents, self._copying)
        self._leases = {name: LeaseKeeper(f"place:{name}", tools) for name in places}
        self._reconcilers = {
            name: Reconciler(name, engine, tools, self._leases[name], rules) for name, engine in places.items()
        }

    def stir(self, run: RunId) -> None:
        """An engine says that a run has news."""
        for reconciler in self._reconcilers.values():
            reconciler.stir(run)
        self._tools.bell.ring(CONTROL)

    async def serve(self) -> None:
        """Until cancelled. What is under way is repeated by the next controller."""
        for keeper in (self._admission, self._telling, self._copying, *self._leases.values()):
            await keeper.renew()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._admission.serve())
            group.create_task(self._at_every_ring("admitter", self._admitter.look))
            group.create_task(rounds("refusal shipper", Deaf(), self._refusals.look))
            group.create_task(self._telling.serve())
            group.create_task(self._tell())
            group.create_task(self._copying.serve())
            group.create_task(self._fetch())
            group.create_task(rounds("upkeep", Deaf(), self._upkeep.look))
            for name, engine in self._places.items():
                sweeper = Sweeper(name, engine, self._tools.records, self._leases[name])
                group.create_task(self._leases[name].serve())
                group.create_task(rounds(f"engine {name}", Deaf(), partial(_serve, engine)))
                group.create_task(self._reconcile(name))
                group.create_task(self._ship(name, engine))
                group.create_task(rounds(f"sweeper {name}", Deaf(), sweeper.look))

    async def _at_every_ring(self, name: str, look: Callable[[], Awaitable[float]]) -> None:
        async with self._tools.bell.listen(CONTROL) as ear:
            await rounds(name, ear, look)

    async def _tell(self) -> None:
        async with self._tools.bell.listen(OUTBOX) as ear, asyncio.TaskGroup() as acts:
            await rounds("publisher", ear, lambda: self._publisher.look(acts))

    async def _fetch(self) -> None:
        async with self._tools.bell.listen(UPLOADS) as ear, asyncio.TaskGroup() as acts:
            await rounds("fetcher", ear, lambda: self._fetcher.look(acts))

    async def _ship(self, name: str, engine: Engine) -> None:
        shipper = LogShipper(name, engine, self._tools, self._leases[name])
        async with asyncio.TaskGroup() as loops:
            try:
                await self._at_every_ring(f"log shipper {name}", lambda: shipper.look(loops))
            finally:
                shipper.close()

    async def _reconcile(self, name: str) -> None:
        reconciler = self._reconcilers[name]
        async with asyncio.TaskGroup() as acts:
            try:
                await self._at_every_ring(f"reconciler {name}", lambda: reconciler.look(acts))
            finally:
                await reconciler.close()


async def _serve(engine: Engine) -> float:
    """The engine's upkeep as a round that does not end; if it breaks, the loop's supervisor begins it anew."""
    await engine.serve()
    return 0.0
