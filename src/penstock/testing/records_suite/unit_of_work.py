"""Transactions, versions and facts."""

import asyncio
from dataclasses import replace

import pytest

from penstock.domain.errors import AlreadyExists, StaleWrite
from penstock.domain.history import Fact
from penstock.ports.records import JobFilter, Records, Tx
from penstock.testing.builders import (
    PROJECT,
    a_fact,
    a_job,
    a_new_job,
    a_queue_spec,
)
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import put


class UnitOfWorkSuite:
    """Transactions, versions and facts."""

    async def test_a_change_answers_what_its_function_returns(self, records: Records) -> None:
        def both(tx: Tx, first: int, *, second: int) -> tuple[int, int]:
            return first, second

        assert await records.change(both, 1, second=2) == (1, 2)
        assert await records.look(both, 1, second=2) == (1, 2)

    async def test_a_change_that_raises_leaves_nothing_behind(self, records: Records) -> None:
        def add_and_fail(tx: Tx) -> None:
            job = tx.jobs.add(a_new_job("half"))
            tx.history.add(a_fact(job))
            tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON)
            raise RuntimeError("half-way")

        with pytest.raises(RuntimeError, match="half-way"):
            await records.change(add_and_fail)

        assert await records.look(lambda tx: tx.jobs.named(PROJECT, "half")) is None
        assert await records.look(lambda tx: tx.queues.all()) == []

    async def test_changes_at_once_are_one_after_another(self, records: Records) -> None:
        [job] = await put(records, a_job())

        def count_one(tx: Tx) -> None:
            kept = tx.jobs.load(job.id)
            tx.jobs.save(replace(kept, restart_times=kept.restart_times + 1))

        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(records.change(count_one))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).restart_times == 50

    async def test_of_fifty_creates_of_one_name_one_succeeds(self, records: Records) -> None:
        async def create() -> int:
            try:
                await records.change(lambda tx: tx.jobs.add(a_new_job("wanted")))
            except AlreadyExists:
                return 0
            return 1

        assert sum(await asyncio.gather(*(create() for _ in range(50)))) == 1

    async def test_a_look_beside_changes_sees_whole_transactions(self, records: Records) -> None:
        def add_two(tx: Tx, number: int) -> None:
            tx.jobs.add(a_new_job(f"a-{number}"))
            tx.jobs.add(a_new_job(f"b-{number}"))

        async def look() -> int:
            return await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter()).total)

        changes = [records.change(add_two, number) for number in range(20)]
        seen = await asyncio.gather(*(look() for _ in range(20)), *changes)

        assert all(total % 2 == 0 for total in seen[:20] if total is not None)
        assert await look() == 40

    async def test_facts_are_handed_on_after_the_commit(self, records: Records) -> None:
        heard: list[Fact] = []
        records.on_facts(heard.extend)

        def add_one(tx: Tx) -> Fact:
            fact = a_fact(tx.jobs.add(a_new_job()))
            tx.history.add(fact)
            assert heard == []
            return fact

        fact = await records.change(add_one)

        assert heard == [fact]

    async def test_every_listener_hears_every_fact_once(self, records: Records) -> None:
        heard: list[list[Fact]] = [[], []]
        records.on_facts(heard[0].extend)
        records.on_facts(heard[1].extend)
        [job] = await put(records, a_job())

        def tell_two(tx: Tx) -> None:
            tx.history.add(a_fact(job, "first"))
            tx.history.add(a_fact(job, "second"))

        await records.change(tell_two)

        assert [[fact.what for fact in facts] for facts in heard] == [["first", "second"]] * 2

    async def test_facts_of_a_failed_change_are_not_handed_on(self, records: Records) -> None:
        heard: list[Fact] = []
        records.on_facts(heard.extend)

        def fail(tx: Tx) -> None:
            tx.history.add(a_fact(tx.jobs.add(a_new_job())))
            raise StaleWrite

        with pytest.raises(StaleWrite):
            await records.change(fail)
        await records.change(lambda tx: tx.notes.settle("another", "change"))

        assert heard == []
