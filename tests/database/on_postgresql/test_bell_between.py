"""Rings between processes: each bell here has connections of its own, as another process would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import make_url

from penstock.database.bell import bell_for
from penstock.database.postgres_bell import PostgresBell
from penstock.database.process_bell import ProcessBell
from penstock.ports.bell import CONTROL, OUTBOX, Bell, Ear, job_topic
from postgresql import PostgresqlServer

pytestmark = pytest.mark.anyio

LONG = 30
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND query LIKE 'LISTEN%%'"


@pytest.fixture
async def bells(postgresql_url: str) -> AsyncIterator[tuple[Bell, Bell]]:
    async with bell_for(postgresql_url) as first, bell_for(postgresql_url) as second:
        yield first, second


async def until_heard(ringer: Bell, topic: str, ear: Ear) -> None:
    """Bells connect in the background: a ring before that is lost, as the port allows."""
    async with asyncio.timeout(LONG):
        while not await ear.wait(0.1):
            ringer.ring(topic)
    await drain(ear)


async def drain(ear: Ear) -> None:
    while await ear.wait(0.3):
        pass


async def test_a_ring_is_heard_by_the_other_process(bells: tuple[Bell, Bell]) -> None:
    here, there = bells
    async with there.listen(job_topic(7)) as ear:
        await until_heard(here, job_topic(7), ear)

        here.ring(job_topic(7))

        assert await ear.wait(LONG)


async def test_a_ring_is_heard_here_once(bells: tuple[Bell, Bell]) -> None:
    here, there = bells
    async with here.listen(CONTROL) as ear, there.listen(CONTROL) as other:
        await until_heard(here, CONTROL, other)
        await drain(ear)

        here.ring(CONTROL)

        assert await ear.wait(LONG)
        assert await other.wait(LONG)
        assert not await ear.wait(0.2)


async def test_many_rings_travel_together(bells: tuple[Bell, Bell]) -> None:
    here, there = bells
    async with AsyncExitStack() as stack:
        ears = [await stack.enter_async_context(there.listen(job_topic(number))) for number in range(200)]
        await until_heard(here, job_topic(0), ears[0])

        for number in range(200):
            here.ring(job_topic(number))

        assert all([await ear.wait(LONG) for ear in ears])


async def test_topics_are_kept_apart(bells: tuple[Bell, Bell]) -> None:
    here, there = bells
    async with there.listen(CONTROL) as control, there.listen(OUTBOX) as outbox:
        await until_heard(here, CONTROL, control)
        await drain(outbox)

        here.ring(CONTROL)

        assert await control.wait(LONG)
        assert not await outbox.wait(0.2)


async def test_a_topic_may_be_any_text(bells: tuple[Bell, Bell]) -> None:
    here, there = bells
    topic = "'); DROP TABLE jobs; -- 作业"
    async with there.listen(topic) as ear:
        await until_heard(here, topic, ear)


async def test_a_bell_whose_connections_are_killed_rings_for_everybody_and_goes_on(
    bells: tuple[Bell, Bell], postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    here, there = bells
    async with there.listen(CONTROL) as ear, there.listen(OUTBOX) as another:
        await until_heard(here, CONTROL, ear)
        await drain(another)

        name = postgresql_url.rpartition("/")[2]
        postgresql.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)

        assert await another.wait(LONG)
        await drain(ear)
        await until_heard(here, CONTROL, ear)


async def test_a_database_that_is_not_there_costs_only_the_rings_between() -> None:
    bell = PostgresBell(make_url("postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing"))
    async with bell.serving(), bell.listen(CONTROL) as ear:
        bell.ring(CONTROL)

        assert await ear.wait(LONG)


async def test_the_last_rings_are_sent_before_the_end(postgresql_url: str) -> None:
    async with bell_for(postgresql_url) as there, there.listen(CONTROL) as ear:
        async with bell_for(postgresql_url) as here:
            await until_heard(here, CONTROL, ear)
            here.ring(CONTROL)

        assert await ear.wait(LONG)


async def test_nothing_stays_connected_after_the_end(postgresql: PostgresqlServer, postgresql_url: str) -> None:
    async with bell_for(postgresql_url) as here, here.listen(CONTROL) as ear:
        await ear.wait(LONG)  # connected

    async with ProcessBell().listen(CONTROL) as pause, asyncio.timeout(LONG):
        while postgresql.ask(CONNECTED, postgresql_url.rpartition("/")[2]) != [(0,)]:
            await pause.wait(0.05)
