"""Looks after one place: its engine's upkeep, reconciler, shippers and sweeper, while its lease is ours.

When the lease lapses everything under way is let go: another controller may go on with it. Only a place that is bound
to our state directory stays ours while the records are silent, since nobody else may take it over.
"""

import asyncio
from functools import partial

from penstock.control.leases import LeaseKeeper
from penstock.control.log_shipper import LogShipper
from penstock.control.reconciler import Reconciler
from penstock.control.rounds import Deaf, at_every_ring, rounds
from penstock.control.savepoint_shipper import SavepointShipper
from penstock.control.sweeper import Sweeper
from penstock.control.tools import Tools
from penstock.domain.plan import Rules
from penstock.domain.run import RunId
from penstock.ports.engine import Engine


class PlaceKeeper:
    """One place of this process; others may serve it in turn."""

    def __init__(self, name: str, engine: Engine, tools: Tools, rules: Rules) -> None:
        self._name = name
        self._engine = engine
        self._tools = tools
        self._rules = rules
        self.lease = LeaseKeeper(f"place:{name}", tools)
        self._reconciler: Reconciler | None = None

    def stir(self, run: RunId) -> None:
        """The engine says that the run has news."""
        if self._reconciler is not None:
            self._reconciler.stir(run)

    async def serve(self) -> None:
        """Until cancelled."""
        while True:
            await self.lease.until_held()
            loops = asyncio.create_task(self._look_after())
            ours = asyncio.create_task(self._until_not_ours())
            try:
                await asyncio.wait({loops, ours}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                loops.cancel()
                ours.cancel()
                await asyncio.wait({loops, ours})
            if not loops.cancelled():
                loops.result()

    async def _until_not_ours(self) -> None:
        bound = self._engine.capabilities.bound
        await (self.lease.until_lost() if bound else self.lease.until_lapsed())

    async def _look_after(self) -> None:
        """What the last keeper remembered is forgotten: it costs time, never truth."""
        name, tools = self._name, self._tools
        self._reconciler = Reconciler(name, self._engine, tools, self.lease, self._rules)
        sweeper = Sweeper(name, self._engine, tools.records, self.lease)
        async with asyncio.TaskGroup() as group:
            group.create_task(rounds(f"engine {name}", Deaf(), partial(_serve, self._engine)))
            group.create_task(self._reconcile(self._reconciler))
            group.create_task(self._ship())
            group.create_task(self._ship_savepoints())
            group.create_task(rounds(f"sweeper {name}", Deaf(), sweeper.look))

    async def _reconcile(self, reconciler: Reconciler) -> None:
        async with asyncio.TaskGroup() as acts:
            try:
                await at_every_ring(self._tools.bell, f"reconciler {self._name}", lambda: reconciler.look(acts))
            finally:
                await reconciler.close()

    async def _ship(self) -> None:
        shipper = LogShipper(self._name, self._engine, self._tools, self.lease)
        async with asyncio.TaskGroup() as loops:
            try:
                await at_every_ring(self._tools.bell, f"log shipper {self._name}", lambda: shipper.look(loops))
            finally:
                shipper.close()

    async def _ship_savepoints(self) -> None:
        shipper = SavepointShipper(self._name, self._engine, self._tools, self.lease)
        async with asyncio.TaskGroup() as acts:
            await rounds(f"savepoint shipper {self._name}", Deaf(), lambda: shipper.look(acts))


async def _serve(engine: Engine) -> float:
    """The engine's upkeep as a round that does not end; if it breaks, the loop's supervisor begins it anew."""
    await engine.serve()
    return 0.0
