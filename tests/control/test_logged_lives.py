"""Lives of jobs that log, under bad luck: whatever happens, what was written is what lies in the bucket, once."""

import asyncio
import contextlib
from collections import defaultdict
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from control.theatre import Died, Theatre
from penstock.domain.bucket import Bucket
from penstock.domain.errors import CallerError, StoreFull
from penstock.domain.lifecycle import News
from penstock.domain.log import piece_of
from penstock.domain.plan import Rules
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON

ROOT = f"buckets/{PROJECT}/logs/"
FILES = st.sampled_from(["jobmanager.log", "taskmanager-1.log"])
STEPS = st.one_of(
    st.tuples(st.just("write"), FILES, st.binary(min_size=1, max_size=9)),
    st.tuples(st.just("roll"), FILES),
    st.tuples(st.just("full"), st.booleans()),
    st.tuples(st.sampled_from(["run", "stop", "lose", "play", "ship"])),
    st.tuples(st.sampled_from(["die_shipping", "die_playing"]), st.integers(1, 25), st.booleans()),
)


class LoggedLife:
    def __init__(self):
        self.stage = Theatre(Rules(log_limit=timedelta(days=1)))
        self.written = defaultdict(bytes)  # by (run, stream)

    async def live(self, steps):
        bucket = Bucket(project_id=PROJECT, name="logs", created_at=NOON, authorised=True)
        await self.stage.set_up()
        await self.stage.memory.change(lambda tx: tx.buckets.add(bucket))
        self.job = await self.stage.create(
            name="test", log_enabled=True, obs_bucket="logs", restart_when_exception=True
        )
        for name, *args in steps:
            await getattr(self, name)(*args)
        await self.end_well()

    async def write(self, file, data):
        for run, logs in self.stage.world.logs.items():
            if not logs.is_final:
                logs.write(file, data)
                self.written[run, file.removesuffix(".log")] += data

    async def roll(self, file):
        for logs in self.stage.world.logs.values():
            if not logs.is_final:
                logs.roll(file)

    async def full(self, is_full):
        self.stage.objects.trouble = StoreFull() if is_full else None

    async def run(self):
        await self.wish(News.RUN_ASKED)

    async def stop(self):
        await self.wish(News.STOP_ASKED)

    async def wish(self, news):
        with contextlib.suppress(CallerError):
            await self.stage.ask(self.job, news)

    async def lose(self):
        for run in self.stage.world.runs:
            self.stage.engine.lose(run)

    async def play(self):
        await self.stage.play(3)

    async def ship(self):
        await self.stage.ship()

    async def die_shipping(self, steps, after):
        await self.die(self.stage.ship(), steps, after)

    async def die_playing(self, steps, after):
        await self.die(self.stage.play(4), steps, after)

    async def die(self, doing, steps, after):
        self.stage.fuse.left, self.stage.fuse.after = steps, after
        with contextlib.suppress(Died, BaseExceptionGroup):
            await doing
        self.stage.fuse.left = None
        self.stage.raise_curtain()

    async def end_well(self):
        await self.full(False)
        await self.stop()
        for _ in range(12):
            await self.stage.play(3)
            await self.stage.ship()
        assert self.stage.world.runs == {}
        facts = await self.stage.memory.look(lambda tx: tx.history.of_job(self.job))
        assert not {fact.what for fact in facts} & {"logs_lost", "logs_gap"}
        assert await self.in_the_bucket() == self.expected()

    def expected(self):
        first = {(run, "jobmanager"): b"Starting.\n" for run in self.stage.world.launched}
        return {key: first.get(key, b"") + self.written[key] for key in first | self.written}

    async def in_the_bucket(self):
        found = defaultdict(bytes)
        for each in (await self.stage.objects.list(ROOT)).objects:
            folder, _, name = each.key.rpartition("/")
            piece = piece_of(name)
            if piece is None:
                continue
            key = folder.rpartition("_")[2].rpartition("/")[2], piece.stream
            assert piece.at == len(found[key]), "a gap, or an overlap"
            found[key] += b"".join([part async for part in self.stage.objects.read(each.key)])
        return found


@settings(deadline=None, max_examples=150)
@given(st.lists(STEPS, max_size=30))
def test_no_life_loses_or_repeats_what_was_logged(steps):
    asyncio.run(LoggedLife().live(steps))
