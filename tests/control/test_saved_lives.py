"""Lives of jobs that make savepoints, under bad luck: the controller dies between any two steps, Flink is slow or fails,
answers and runs get lost, callers interfere.

Whatever happens, a savepoint that Flink completed while it was asked for is kept exactly once, and lies in its bucket as
it was made; nothing is kept that was not made; and a job that stopped with a savepoint has it.
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from control.savepoint_stage import ROOT, a_stage, begin_from, savepoint_id
from control.theatre import Died
from penstock.domain.errors import CallerError, StoreFull
from penstock.domain.lifecycle import SETTLED, News, State
from penstock.domain.reason import ReasonCode
from penstock.testing.builders import a_savepoint
from penstock.testing.engine import SAVEPOINT_FILES

KEPT = {"savepoint_kept", "savepoint_ended"}
STEPS = st.one_of(
    st.tuples(st.sampled_from(["trigger", "part", "end", "end"]), st.booleans()),
    st.tuples(st.sampled_from(["slow", "silence", "refuse", "full"]), st.booleans()),
    st.tuples(st.just("play"), st.integers(1, 4), st.sampled_from([0.3, 3.0, 100.0, 700.0])),
    st.tuples(st.just("save"), st.booleans(), st.booleans(), st.booleans()),
    st.tuples(st.sampled_from(["run", "stop", "lose", "damage", "finish", "ship", "edit"])),
    st.tuples(st.sampled_from(["die_playing", "die_shipping"]), st.integers(1, 25), st.booleans()),
)


class SavedLife:
    def __init__(self, stage):
        self.stage = stage
        self.asked = []  # every savepoint, in the order in which they were asked for
        self.superseded = set()  # those that a newer wish took the place of before they were over

    async def live(self, restarts, steps):
        self.job_id = await self.stage.create(restart_when_exception=restarts, resume_checkpoint=restarts)
        await self.stage.play(4)
        for name, *args in steps:
            await getattr(self, name)(*args)
            await self.check()
        await self.end_well()

    async def trigger(self, wants_copy):
        await self.ask(News.SAVEPOINT_ASKED, wants_copy=wants_copy, stops_job=False)

    async def part(self, wants_copy):
        await self.ask(News.STOP_WITH_SAVEPOINT_ASKED, wants_copy=wants_copy, stops_job=True)

    async def save(self, stops, is_well, wants_copy):
        """Under way when the job is looked at, and over a moment before its run is."""
        self.stage.world.is_slow = True
        await (self.part(wants_copy) if stops else self.trigger(wants_copy))
        await self.stage.play(2)
        await self.end(is_well)

    async def ask(self, news, *, wants_copy, stops_job):
        before = (await self.stage.job(self.job_id)).savepoint
        number = len(self.asked) + 1
        copy_to = f"b/dir-{number}" if wants_copy else ""
        savepoint = a_savepoint(id=savepoint_id(number), stops_job=stops_job, copy_to=copy_to)
        with contextlib.suppress(CallerError):
            await self.stage.ask(self.job_id, news, savepoint=savepoint)
            self.asked.append(savepoint)
            self.superseded |= {before.id} if before else set()

    async def end(self, is_well):
        """What Flink has under way is whole, or fails; its run goes on for the moment."""
        for savepoint in list(self.stage.world.asked):
            self.stage.engine.end_savepoint(savepoint, "" if is_well else "a task declined")

    async def finish(self):
        self.stage.engine.end_parting()

    async def slow(self, is_slow):
        self.stage.world.is_slow = is_slow

    async def silence(self, is_silent):
        self.stage.world.is_silent = is_silent

    async def refuse(self, refuses):
        self.stage.world.refuses_orders = refuses

    async def full(self, is_full):
        self.stage.objects.trouble = StoreFull() if is_full else None

    async def run(self):
        """From its newest savepoint, if it has one."""
        job = await self.stage.job(self.job_id)
        with contextlib.suppress(CallerError):
            await self.stage.ask(self.job_id, News.RUN_ASKED)
            if job.newest_savepoint:
                await self.stage.memory.change(begin_from, self.job_id, job.newest_savepoint)

    async def stop(self):
        with contextlib.suppress(CallerError):
            await self.stage.ask(self.job_id, News.STOP_ASKED)

    async def edit(self):
        await self.stage.memory.change(rename, self.job_id, self.stage.clock.now())

    async def lose(self):
        for run in list(self.stage.world.runs):
            self.stage.engine.lose(run)

    async def damage(self):
        for run in list(self.stage.world.runs):
            self.stage.engine.damage(run)

    async def play(self, rounds, seconds):
        await self.stage.play(rounds, seconds)

    async def ship(self):
        await self.stage.ship_savepoints()

    async def die_playing(self, steps, after):
        await self.die(self.stage.play(4), steps, after)

    async def die_shipping(self, steps, after):
        await self.die(self.stage.ship_savepoints(), steps, after)

    async def die(self, doing, steps, after):
        self.stage.fuse.left, self.stage.fuse.after = steps, after
        with contextlib.suppress(Died, BaseExceptionGroup):
            await doing
        self.stage.fuse.left = None
        self.stage.raise_curtain()

    async def check(self):
        job = await self.stage.job(self.job_id)
        kept = await self.kept()
        assert set(kept.values()) <= {1}, "kept twice"
        assert set(kept) <= set(map(str, self.stage.world.made)), "kept, and never made"
        assert len(self.stage.world.launched) == len(set(self.stage.world.launched))
        if job.state in {State.SAVEPOINTING, State.PARTING}:
            assert job.savepoint, "waits for a savepoint that nobody knows of any more"
        if job.state is State.STOPPED and job.reason.code is ReasonCode.STOPPED_WITH_SAVEPOINT:
            assert job.newest_savepoint.id == self.asked[-1].id, "stopped with a savepoint that it does not have"

    async def kept(self):
        """How often the history says of a savepoint that it is whole."""
        facts = await self.stage.memory.look(lambda tx: tx.history.of_job(self.job_id))
        paths = [fact.reason.params["path"] for fact in facts if fact.what in KEPT]
        return Counter(path.split("/savepoints/")[1].split("/")[0] for path in paths)

    async def end_well(self):
        world = self.stage.world
        world.is_silent = world.refuses_orders = world.is_slow = False
        await self.full(False)
        await self.stage.play(4)
        await self.finish()
        await self.stage.play(4)
        await self.stop()
        for _ in range(10):
            await self.stage.play(3, 10.0)
            await self.stage.ship_savepoints()
        job = await self.stage.job(self.job_id)
        assert (job.state in SETTLED, job.live_run, job.savepoint) == (True, None, None)
        assert world.runs == {}
        await self.check()
        await self.check_savepoints()

    async def check_savepoints(self):
        kept = await self.kept()
        made = set(self.stage.world.made)
        assert made - self.superseded <= set(kept), "made, and not kept"
        for savepoint in [one for one in self.asked if one.id in kept]:
            stored = await self.stage.memory.look(lambda tx, one=savepoint: tx.savepoints.load(one.id))
            assert stored.is_copied == bool(savepoint.copy_to)
            if savepoint.copy_to:
                assert await self.in_bucket(stored) == SAVEPOINT_FILES
            else:
                assert (self.stage.folder(stored) / "_metadata").is_file(), "the only one there was is gone"

    async def in_bucket(self, kept):
        prefix = f"{ROOT}{kept.copy.removeprefix('b/')}/"
        found = (await self.stage.objects.list(prefix)).objects
        return {
            each.key.removeprefix(prefix): b"".join([piece async for piece in self.stage.objects.read(each.key)])
            for each in found
        }


def rename(tx, job_id, now):
    job = tx.jobs.load(job_id)
    tx.jobs.save(job.edited(job.spec, ["desc"], now)[0])


@settings(deadline=None, max_examples=300)
@given(st.booleans(), st.lists(STEPS, max_size=25))
def test_no_life_loses_a_savepoint_or_keeps_one_twice(restarts, steps):
    async def one_life(folder):
        await SavedLife(await a_stage(Path(folder))).live(restarts, steps)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(one_life(folder))
