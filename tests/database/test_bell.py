import asyncio
from threading import Thread

import pytest

from penstock.database.bell import bell_for
from penstock.database.process_bell import ProcessBell
from penstock.ports.bell import CONTROL, Bell, job_topic

pytestmark = pytest.mark.anyio

LONG = 30


@pytest.fixture
def bell() -> Bell:
    return ProcessBell()


async def test_whoever_owns_the_database_rings_in_one_process() -> None:
    async with bell_for("sqlite:////anywhere.db") as bell, bell.listen(CONTROL) as ear:
        bell.ring(CONTROL)

        assert await ear.wait(LONG)


async def test_a_ring_wakes_whoever_waits(bell: Bell) -> None:
    async with bell.listen(CONTROL) as ear, asyncio.TaskGroup() as group:
        waiting = group.create_task(ear.wait(LONG))
        await asyncio.sleep(0)

        bell.ring(CONTROL)

        assert await waiting


async def test_a_ring_before_the_wait_is_heard_once(bell: Bell) -> None:
    async with bell.listen(CONTROL) as ear:
        bell.ring(CONTROL)
        bell.ring(CONTROL)

        assert await ear.wait(LONG)
        assert not await ear.wait(0)


async def test_silence_ends_with_the_time(bell: Bell) -> None:
    async with bell.listen(CONTROL) as ear:
        assert not await ear.wait(0.001)


async def test_every_ear_of_a_topic_hears_and_no_other(bell: Bell) -> None:
    async with bell.listen(job_topic(1)) as first, bell.listen(job_topic(1)) as second, bell.listen(CONTROL) as other:
        bell.ring(job_topic(1))

        assert await first.wait(LONG)
        assert await second.wait(LONG)
        assert not await other.wait(0)


async def test_a_ring_from_another_thread_is_heard(bell: Bell) -> None:
    async with bell.listen(CONTROL) as ear:
        ringer = Thread(target=bell.ring, args=(CONTROL,))
        ringer.start()

        assert await ear.wait(LONG)
        ringer.join()


async def test_nobody_needs_to_listen(bell: Bell) -> None:
    async with bell.listen(CONTROL):
        pass

    bell.ring(CONTROL)
