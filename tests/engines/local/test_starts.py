"""Who may start, and when."""

import asyncio

import pytest

from penstock.engines.local.starts import Starts

pytestmark = pytest.mark.anyio


class Starter:
    """Takes a turn and keeps it until told."""

    def __init__(self, starts: Starts, *, urgent: bool) -> None:
        self.entered = asyncio.Event()
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._start(starts, urgent))

    async def _start(self, starts: Starts, urgent: bool) -> None:
        async with starts.turn(urgent=urgent):
            self.entered.set()
            await self.leave.wait()

    async def end(self) -> None:
        self.leave.set()
        await self.task


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_only_so_many_start_at_a_time() -> None:
    starts = Starts(2)
    starters = [Starter(starts, urgent=True) for _ in range(3)]

    await settle()

    assert [starter.entered.is_set() for starter in starters] == [True, True, False]
    assert starts.under_way == 2
    await asyncio.gather(*(starter.end() for starter in starters))
    assert starts.under_way == 0


async def test_a_run_goes_before_a_pair_for_the_pool() -> None:
    starts = Starts(1)
    first = Starter(starts, urgent=False)
    await settle()
    pool, run = Starter(starts, urgent=False), Starter(starts, urgent=True)
    await settle()

    await first.end()
    await settle()

    assert run.entered.is_set()
    assert not pool.entered.is_set()
    await run.end()
    await pool.end()


async def test_who_gives_up_waiting_holds_nobody_up() -> None:
    starts = Starts(1)
    first = Starter(starts, urgent=True)
    await settle()
    impatient, pool = Starter(starts, urgent=True), Starter(starts, urgent=False)
    await settle()

    impatient.task.cancel()
    await settle()
    await first.end()
    await settle()

    assert pool.entered.is_set()
    await pool.end()
