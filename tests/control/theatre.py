"""A control plane on a stage: real loops, records and engine in memory, and a clock that tests move."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

from penstock.control.admitter import Admitter
from penstock.control.leases import LeaseKeeper
from penstock.control.reconciler import Reconciler
from penstock.control.refusal_shipper import RefusalShipper
from penstock.control.savepoint_shipper import SavepointShipper
from penstock.control.shipping import Shipping
from penstock.control.sweeper import Sweeper
from penstock.control.tools import Tools
from penstock.domain.lifecycle import News, State
from penstock.domain.plan import Rules
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run_sheet import SheetId
from penstock.testing.builders import PROJECT, a_new_job, a_queue_spec, a_sheet
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine, FakeWorld
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords


class Died(BaseException):
    """The controller was killed here."""


class SilentBell:
    """Nobody waits on a stage: rounds are played by hand."""

    def ring(self, topic):
        pass

    @asynccontextmanager
    async def listen(self, topic):
        yield self

    async def wait(self, seconds):
        return False


class Fuse:
    """Burns with every step that is taken, and kills before or after the step at which it is out."""

    def __init__(self):
        self.left = None
        self.after = False

    async def step(self, fn, *args, **kwargs):
        if self.left is None:
            return await fn(*args, **kwargs)
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Died
        result = await fn(*args, **kwargs)
        if self.left == 0:
            raise Died
        return result


class Mortal:
    """Another object whose `async` calls burn the fuse."""

    def __init__(self, inner, fuse, names):
        self._inner, self._fuse, self._names = inner, fuse, names

    def __getattr__(self, name):
        inner = getattr(self._inner, name)
        if name not in self._names:
            return inner
        return lambda *args, **kwargs: self._fuse.step(inner, *args, **kwargs)


class Theatre:
    """One place named `here`, one queue of 16 CUs."""

    def __init__(self, rules=None, room=None):
        self.clock, self.ids, self.fuse = ManualClock(), CountingIds(), Fuse()
        self.world, self.memory, self.objects = FakeWorld(), MemoryRecords(), MemoryObjectStore()
        self.rules, self.room, self.facts = rules or Rules(), room, []
        self.memory.on_facts(lambda facts: self.facts.extend(facts))
        self.raise_curtain()

    def raise_curtain(self):
        """A new controller that remembers nothing of the last one."""
        records = Mortal(self.memory, self.fuse, {"change", "look"})
        self.engine = FakeEngine(self.clock, self.world, self.room)
        verbs = {"launch", "observe", "stop", "discard", "take_savepoint", "list_runs", "halt", "logs", "read_log"}
        engine = Mortal(self.engine, self.fuse, verbs)
        self.store = Mortal(self.objects, self.fuse, {"put", "put_file", "delete", "list"})
        bell = SilentBell()
        tools = Tools(records=records, clock=self.clock, ids=self.ids, bell=bell, store=self.store, holder="me")
        self.tools = tools
        self.leases = [LeaseKeeper("admission", tools), LeaseKeeper("place:here", tools)]
        self.admitter = Admitter(tools, lambda: {"here": engine.room()}, "here", self.leases[0])
        self.reconciler = Reconciler("here", engine, tools, self.leases[1], self.rules)
        self.sweeper = Sweeper("here", engine, records, self.leases[1])
        self.refusals = RefusalShipper(tools, self.leases[0], self.rules.log_limit)
        self.shipping = Shipping(engine, tools, self.leases[1])
        self.savepoints = SavepointShipper("here", engine, tools, self.leases[1])

    async def set_up(self, cus=16):
        spec = a_queue_spec(cu_count=cus)
        await self.memory.change(lambda tx: tx.queues.add(PROJECT, spec, "me", self.clock.now()))

    async def create(self, main_class="Unbounded", **spec):
        """A job that was asked to run; the answer is its id."""
        return (await self.memory.change(self._create, main_class, spec)).id

    def _create(self, tx, main_class, spec):
        job = tx.jobs.add(a_new_job(**{"name": f"job{self.ids.hex(4)}"} | spec))
        sheet = a_sheet(id=SheetId(self.ids.hex(24)), spec=job.spec, main_class=main_class)
        tx.sheets.add(job.id, sheet)
        moved, fact = replace(job, sheet_id=sheet.id).hear(News.RUN_ASKED, self.clock.now(), _ASKED, "asked-to-run")
        tx.history.add(fact)
        return tx.jobs.save(moved)

    async def ask(self, job_id, news, **changes):
        """A caller's wish, if the job has such a move."""

        def wish(tx):
            job = tx.jobs.load(job_id)
            moved, fact = job.hear(news, self.clock.now(), _ASKED)
            tx.history.add(fact)
            return tx.jobs.save(replace(moved, **changes))

        return await self.memory.change(wish)

    async def delete(self, job_id):
        def wish(tx):
            moved, fact = tx.jobs.load(job_id).deleted(self.clock.now())
            tx.history.add(fact)
            return tx.jobs.save(moved)

        return await self.memory.change(wish)

    async def play(self, rounds=1, seconds=0.5):
        """Rounds of all loops, with time passing in between."""
        for _ in range(rounds):
            async with asyncio.TaskGroup() as acts:
                for lease in self.leases:
                    await lease.renew()
                await self.admitter.look()
                await self.reconciler.look(acts)
            self.clock.advance(seconds)

    async def ship(self):
        """A round of the shipper over every run whose logs are wanted."""
        await self.leases[1].renew()
        for job in await self.memory.look(lambda tx: tx.jobs.with_live_runs("here")):
            if job.awaits_logs:
                await self.shipping.ship(job.id, job.run.id)

    async def ship_savepoints(self):
        """A round of their shipper, until every copy that it began is over."""
        await self.leases[1].renew()
        async with asyncio.TaskGroup() as acts:
            await self.savepoints.look(acts)

    async def ship_refusals(self):
        await self.leases[0].renew()
        await self.refusals.look()

    async def sweep(self):
        await self.sweeper.look()

    async def job(self, job_id):
        return await self.memory.look(lambda tx: tx.jobs.load(job_id))

    async def state(self, job_id) -> State:
        return (await self.job(job_id)).state


_ASKED = Reason.of(ReasonCode.QUEUED)
