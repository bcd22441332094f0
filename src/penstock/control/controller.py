"""Runs the loops beside each other: those of the whole service, and one keeper for each place."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from penstock.control.admitter import Admitter
from penstock.control.alarm_publisher import AlarmPublisher, Post
from penstock.control.fetcher import Contents, Fetcher
from penstock.control.leases import LeaseKeeper
from penstock.control.place_keeper import PlaceKeeper
from penstock.control.refusal_shipper import RefusalShipper
from penstock.control.rounds import Deaf, at_every_ring, rounds
from penstock.control.store_watch import StoreWatch
from penstock.control.surveyor import Surveyor
from penstock.control.tools import Tools
from penstock.control.upkeep import Upkeep
from penstock.domain.footprint import Room
from penstock.domain.plan import Rules
from penstock.domain.run import RunId
from penstock.ports.bell import CONTROL, OUTBOX, UPLOADS
from penstock.ports.engine import Engine
from penstock.ports.places import PlaceReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The places that this process may serve, by name, with the names of their engines' plugins; the place of queues
    that name none; and who wants to hear how all places are, and the object store."""

    places: Mapping[str, Engine]
    engines: Mapping[str, str]
    default_place: str
    heard: Callable[[Sequence[PlaceReport]], None]
    store_heard: Callable[[str], None] = lambda said: None  # what is wrong with the object store, if anything


class Controller:
    """Several may run side by side: what each does is settled by leases. Everything under way is repeated by whoever
    comes next."""

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
        self._places = served.places
        self._upkeep = upkeep
        self._keepers = {name: PlaceKeeper(name, engine, tools, rules) for name, engine in served.places.items()}
        self._admission = LeaseKeeper("admission", tools)
        self._admitter = Admitter(tools, self._rooms, served.default_place, self._admission)
        self._refusals = RefusalShipper(tools, self._admission, rules.log_limit)
        self._telling = LeaseKeeper("outbox", tools)
        self._publisher = AlarmPublisher(tools, post, self._telling)
        self._copying = LeaseKeeper("uploads", tools)
        self._fetcher = Fetcher(tools, contents, self._copying)
        leases = {name: keeper.lease for name, keeper in self._keepers.items()}
        self._store_watch = StoreWatch(tools.store, served.store_heard)
        self._surveyor = Surveyor(tools, served.places, served.engines, leases, served.heard)

    def stir(self, run: RunId) -> None:
        """An engine says that a run has news."""
        for keeper in self._keepers.values():
            keeper.stir(run)
        self._tools.bell.ring(CONTROL)

    async def serve(self) -> None:
        """Until cancelled. What is under way is repeated by the next controller."""
        leases = [self._admission, self._telling, self._copying, *(keeper.lease for keeper in self._keepers.values())]
        for lease in leases:
            await lease.renew()
        bell = self._tools.bell
        async with asyncio.TaskGroup() as group:
            for lease in leases:
                group.create_task(lease.serve())
            group.create_task(at_every_ring(bell, "admitter", self._admitter.look))
            group.create_task(rounds("refusal shipper", Deaf(), self._refusals.look))
            group.create_task(self._tell())
            group.create_task(self._fetch())
            group.create_task(rounds("upkeep", Deaf(), self._upkeep.look))
            group.create_task(rounds("store watch", Deaf(), self._store_watch.look))
            group.create_task(rounds("surveyor", Deaf(), self._surveyor.look))
            for keeper in self._keepers.values():
                group.create_task(keeper.serve())

    def _rooms(self) -> Mapping[str, Room]:
        """Of the places that we look after; the records tell of the others."""
        return {name: engine.room() for name, engine in self._places.items() if self._keepers[name].lease.is_held}

    async def _tell(self) -> None:
        async with asyncio.TaskGroup() as acts:
            await at_every_ring(self._tools.bell, "publisher", lambda: self._publisher.look(acts), OUTBOX)

    async def _fetch(self) -> None:
        async with asyncio.TaskGroup() as acts:
            await at_every_ring(self._tools.bell, "fetcher", lambda: self._fetcher.look(acts), UPLOADS)
