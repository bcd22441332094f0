"""Two records over one PostgreSQL: whatever they do at the same time is as if it were one after another."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event

import pytest

from penstock.database.records import DatabaseRecords
from penstock.domain.errors import AlreadyExists, LeaseLost, StaleWrite
from penstock.domain.history import Fact
from penstock.domain.lifecycle import State
from penstock.ports.records import Lease, Tx
from penstock.testing.builders import PROJECT, a_fact, a_job, a_new_job, a_queue_spec, stored
from penstock.testing.clock import NOON

pytestmark = pytest.mark.anyio

KEEP = timedelta(seconds=15)


async def test_changes_of_both_at_once_are_one_after_another(records: DatabaseRecords, others: DatabaseRecords) -> None:
    job = await records.change(stored, a_job())

    def count_one(tx: Tx) -> None:
        kept = tx.jobs.load(job.id)
        tx.jobs.save(replace(kept, restart_times=kept.restart_times + 1))

    await asyncio.gather(*(who.change(count_one) for who in (records, others) for _ in range(30)))

    assert (await records.look(lambda tx: tx.jobs.load(job.id))).restart_times == 60


async def test_of_two_who_loaded_the_same_version_one_saves(records: DatabaseRecords, others: DatabaseRecords) -> None:
    job = await records.change(stored, a_job())

    async def save(who: DatabaseRecords) -> str:
        try:
            await who.change(lambda tx: tx.jobs.save(replace(job, restart_times=1)))
        except StaleWrite:
            return "stale"
        return "saved"

    assert sorted(await asyncio.gather(*(save(who) for who in (records, others) * 4))) == ["saved"] + ["stale"] * 7


async def test_of_creates_of_one_name_one_succeeds(records: DatabaseRecords, others: DatabaseRecords) -> None:
    async def create(who: DatabaseRecords) -> int:
        try:
            await who.change(lambda tx: tx.jobs.add(a_new_job("wanted")))
        except AlreadyExists:
            return 0
        return 1

    assert sum(await asyncio.gather(*(create(who) for who in (records, others) * 10))) == 1


async def test_room_that_both_see_free_is_given_once(records: DatabaseRecords, others: DatabaseRecords) -> None:
    """Neither writes what the other one reads or writes; only together would they be one too many."""
    both_have_looked = Barrier(2, timeout=20)
    tries = 0

    def admit(tx: Tx, name: str) -> bool:
        nonlocal tries
        tries += 1
        is_free = len(tx.jobs.waiting()) + len(tx.jobs.restarting()) < 1
        if tries <= 2:
            both_have_looked.wait()
        if is_free:
            stored(tx, a_job(spec=replace(a_new_job().spec, name=name), state=State.RESTARTING))
        return is_free

    admitted = await asyncio.gather(records.change(admit, "first"), others.change(admit, "second"))

    assert sorted(admitted) == [False, True]
    assert len(await records.look(lambda tx: tx.jobs.restarting())) == 1


async def test_facts_of_a_try_that_lost_are_not_handed_on(records: DatabaseRecords, others: DatabaseRecords) -> None:
    job = await records.change(stored, a_job())
    told: list[Fact] = []
    records.on_facts(told.extend)
    tries = 0

    def tell(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        kept = tx.jobs.load(job.id)
        tx.history.add(a_fact(kept, f"try {tries}"))
        if tries == 1:
            asyncio.run(others.change(lambda tx: tx.jobs.save(replace(tx.jobs.load(job.id), restart_times=9))))
        tx.jobs.save(replace(kept, restart_times=kept.restart_times + 1))

    await records.change(tell)

    assert [fact.what for fact in told] == ["try 2"]
    assert [fact.what for fact in await records.look(lambda tx: tx.history.of_job(job.id))] == ["try 2"]
    assert (await records.look(lambda tx: tx.jobs.load(job.id))).restart_times == 10


async def test_a_crowd_that_changes_one_thing_loses_nobody(records: DatabaseRecords, others: DatabaseRecords) -> None:
    job = await records.change(lambda tx: tx.jobs.add(a_new_job("counted")))

    def count(tx: Tx) -> int:
        return tx.jobs.save(tx.jobs.load(job.id)).version

    async with asyncio.timeout(60):
        versions = await asyncio.gather(*(who.change(count) for _ in range(150) for who in (records, others)))

    assert sorted(versions) == list(range(2, 302))


async def test_a_number_is_never_used_again(records: DatabaseRecords, others: DatabaseRecords) -> None:
    def add_and_fail(tx: Tx) -> None:
        numbers.append(tx.jobs.add(a_new_job("half")).id)
        raise RuntimeError("half-way")

    numbers = [(await records.change(lambda tx: tx.jobs.add(a_new_job("first")))).id]
    with pytest.raises(RuntimeError):
        await others.change(add_and_fail)
    for number in range(5):
        for who in (records, others):
            job = await who.change(lambda tx, name: tx.jobs.add(a_new_job(name)), f"n{number}{id(who)}")
            numbers.append(job.id)

    assert len(set(numbers)) == len(numbers) == 12


async def test_a_look_sees_one_moment(records: DatabaseRecords, others: DatabaseRecords) -> None:
    def count_twice(tx: Tx) -> tuple[int, int]:
        before = len(tx.queues.all())
        asyncio.run(others.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON)))
        return before, len(tx.queues.all())

    assert await records.look(count_twice) == (0, 0)
    assert len(await records.look(lambda tx: tx.queues.all())) == 1


class TestLeases:
    async def test_one_of_many_gets_it(self, records: DatabaseRecords, others: DatabaseRecords) -> None:
        takers = (who.change(take, f"{id(who)}-{number}") for who in (records, others) for number in range(8))

        leases = [lease for lease in await asyncio.gather(*takers) if lease]

        assert len(leases) == 1
        assert leases[0].epoch == 1

    async def test_one_that_ran_out_has_one_heir(self, records: DatabaseRecords, others: DatabaseRecords) -> None:
        await records.change(take, "dead")

        heirs = await asyncio.gather(
            *(who.change(take, f"{id(who)}-{number}", KEEP) for who in (records, others) for number in range(8))
        )

        assert [lease.epoch for lease in heirs if lease] == [2]

    async def test_it_is_not_taken_over_while_its_holder_writes(
        self, records: DatabaseRecords, others: DatabaseRecords
    ) -> None:
        lease, demanded, may_end = await records.change(take, "a"), Event(), Event()
        assert lease

        def write(tx: Tx) -> None:
            tx.leases.demand(lease)
            demanded.set()
            assert may_end.wait(20)

        async with asyncio.TaskGroup() as group:
            group.create_task(records.change(write))
            await asyncio.to_thread(demanded.wait, 20)

            assert await others.change(take, "b", KEEP) is None
            may_end.set()

        assert await others.change(take, "b", KEEP)

    async def test_its_holder_renews_it_while_it_writes(self, records: DatabaseRecords) -> None:
        lease, demanded, may_end = await records.change(take, "a"), Event(), Event()
        assert lease

        def write(tx: Tx) -> None:
            tx.leases.demand(lease)
            demanded.set()
            assert may_end.wait(20)

        async with asyncio.TaskGroup() as group:
            group.create_task(records.change(write))
            await asyncio.to_thread(demanded.wait, 20)
            longer = await records.change(take, "a", KEEP)
            may_end.set()

        assert longer == replace(lease, until=NOON + 2 * KEEP)

    async def test_whoever_lost_it_writes_nothing(self, records: DatabaseRecords, others: DatabaseRecords) -> None:
        lost = await records.change(take, "a")
        assert lost
        await others.change(take, "b", KEEP)

        def write(tx: Tx) -> None:
            tx.jobs.add(a_new_job("late"))
            tx.leases.demand(lost)

        with pytest.raises(LeaseLost):
            await records.change(write)

        assert await records.look(lambda tx: tx.jobs.named(PROJECT, "late")) is None


def take(tx: Tx, holder: str, after: timedelta = timedelta()) -> Lease | None:
    return tx.leases.take("here", holder, NOON + after, KEEP)
