"""Whole lives under bad luck: the controller dies between any two steps, answers and runs get lost, people interfere.

Whatever happens: never two live runs of a job, never a run launched twice, never an orphan; and once the bad luck ends
and everybody asks for a stop, everything settles and nothing is left.
"""

import asyncio
import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from control.theatre import Died, Theatre
from penstock.domain.errors import CallerError
from penstock.domain.lifecycle import SETTLED, News, State
from penstock.domain.observation import Seen

KINDS = st.sampled_from(["Unbounded", "Bounded", "Fails", "Refused", "Hangs"])
DEATHS = st.tuples(st.just("die"), st.integers(1, 30), st.booleans())
STEPS = st.one_of(
    st.tuples(st.just("create"), KINDS, st.booleans()),
    st.tuples(st.sampled_from(["run", "stop", "delete", "lose", "damage"]), st.integers(0, 5)),
    st.tuples(st.sampled_from(["silence", "refuse"]), st.booleans()),
    st.tuples(st.just("play"), st.sampled_from([0.3, 5.0, 100.0])),
    st.tuples(st.just("rerun"), st.integers(0, 5), st.integers(1, 4)),
    st.just(("sweep",)),
    DEATHS,
)


class Life:
    def __init__(self):
        self.theatre = Theatre()
        self.jobs = []

    async def live(self, kinds, steps):
        await self.theatre.set_up(cus=6)
        for kind in kinds:
            await self.create(kind, restarts=False)
        for name, *args in steps:
            await getattr(self, name)(*args)
            self.check()
        await self.end_well()

    async def create(self, kind, restarts):
        self.jobs.append(await self.theatre.create(kind, restart_when_exception=restarts))

    async def run(self, index):
        await self.wish(index, News.RUN_ASKED)

    async def stop(self, index):
        await self.wish(index, News.STOP_ASKED)

    async def rerun(self, index, rounds):
        """Stop and run again soon, while something of the old run may still be there."""
        await self.theatre.play(4)
        await self.stop(index)
        await self.theatre.play(rounds)
        await self.run(index)
        await self.theatre.play(3)

    async def wish(self, index, news):
        if self.jobs:
            with contextlib.suppress(CallerError):
                await self.theatre.ask(self.jobs[index % len(self.jobs)], news)

    async def delete(self, index):
        if self.jobs:
            await self.theatre.delete(self.jobs.pop(index % len(self.jobs)))

    async def lose(self, index):
        if runs := list(self.theatre.world.runs):
            self.theatre.engine.lose(runs[index % len(runs)])

    async def damage(self, index):
        if runs := list(self.theatre.world.runs):
            self.theatre.engine.damage(runs[index % len(runs)])

    async def silence(self, is_silent):
        self.theatre.world.is_silent = is_silent

    async def refuse(self, refuses):
        self.theatre.world.refuses_orders = refuses

    async def play(self, seconds):
        await self.theatre.play(2, seconds)

    async def sweep(self):
        with contextlib.suppress(Exception):
            await self.theatre.sweep()

    async def die(self, steps, after):
        """Play until the fuse is out, then let another controller begin with nothing but the records."""
        self.theatre.fuse.left, self.theatre.fuse.after = steps, after
        with contextlib.suppress(Died, BaseExceptionGroup):
            await self.theatre.play(5)
        self.theatre.fuse.left = None
        self.theatre.raise_curtain()

    def check(self):
        jobs = [order.job_id for order in self.theatre.world.orders.values()]
        assert len(jobs) == len(set(jobs)), "two live runs of one job"
        launched = self.theatre.world.launched
        assert len(launched) == len(set(launched)), "one run was launched twice"

    async def end_well(self):
        self.theatre.world.is_silent = self.theatre.world.refuses_orders = False
        for job_id in self.jobs:
            with contextlib.suppress(CallerError):
                await self.theatre.ask(job_id, News.STOP_ASKED)
        await self.theatre.play(30)
        await self.theatre.sweep()
        for job_id in self.jobs:
            job = await self.theatre.job(job_id)
            assert job.state in SETTLED, f"{job.state}: {job.reason}"
            assert job.live_run is None
        assert self.theatre.world.runs == {}, "an orphan"


@settings(deadline=None, max_examples=250)
@given(st.lists(KINDS, min_size=1, max_size=3), st.lists(STEPS, max_size=30))
def test_no_life_doubles_a_run_leaves_an_orphan_or_never_settles(kinds, steps):
    asyncio.run(Life().live(kinds, steps))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(st.tuples(st.just("play"), st.just(1.0)), DEATHS), max_size=25))
def test_deaths_of_the_controller_alone_never_cost_a_job_anything(steps):
    async def one_job():
        life = Life()
        await life.theatre.set_up()
        job_id = await life.theatre.create()
        for name, *args in steps:
            await getattr(life, name)(*args)
            life.check()
        await life.theatre.play(8)
        assert await life.theatre.state(job_id) is State.RUNNING
        assert len(life.theatre.world.launched) == 1
        assert {seen.seen for seen in life.theatre.world.runs.values()} == {Seen.RUNNING}

    asyncio.run(one_job())
