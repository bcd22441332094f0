"""Who may act, and what is settled once."""

from datetime import timedelta

import pytest

from penstock.domain.errors import LeaseLost
from penstock.ports.records import Lease, Records
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import SECOND


class LeasesAndNotesSuite:
    """Who may act, and what is settled once."""

    async def take(self, records: Records, holder: str, after: timedelta = timedelta()) -> Lease | None:
        return await records.change(lambda tx: tx.leases.take("here", holder, NOON + after, SECOND))

    async def test_a_lease_has_one_holder(self, records: Records) -> None:
        first = await self.take(records, "a")

        assert first == Lease(name="here", holder="a", epoch=1, until=NOON + SECOND)
        assert await self.take(records, "b") is None
        assert await records.change(lambda tx: tx.leases.take("there", "b", NOON, SECOND)) is not None

    async def test_its_holder_makes_it_longer_in_the_same_epoch(self, records: Records) -> None:
        await self.take(records, "a")

        longer = await self.take(records, "a", SECOND / 2)

        assert longer == Lease(name="here", holder="a", epoch=1, until=NOON + SECOND * 1.5)

    async def test_another_takes_it_when_its_time_is_over(self, records: Records) -> None:
        first = await self.take(records, "a")
        assert first

        second = await self.take(records, "b", SECOND)

        assert second
        assert (second.holder, second.epoch) == ("b", first.epoch + 1)
        await records.change(lambda tx: tx.leases.demand(second))
        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(first))

    async def test_an_old_epoch_of_the_same_holder_is_lost(self, records: Records) -> None:
        first = await self.take(records, "a")
        assert first
        await self.take(records, "b", SECOND)
        third = await self.take(records, "a", SECOND * 3)
        assert third

        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(first))
        await records.change(lambda tx: tx.leases.demand(third))
        assert third.epoch == 3

    async def test_a_lease_that_was_never_taken_is_lost(self, records: Records) -> None:
        never = Lease(name="here", holder="a", epoch=1, until=NOON)

        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(never))

    async def test_a_lease_given_up_is_free_at_once_and_its_epochs_grow(self, records: Records) -> None:
        first = await self.take(records, "a")
        assert first

        await records.change(lambda tx: tx.leases.give_up(first))

        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(first))
        second = await self.take(records, "b")
        assert second
        assert second.epoch == 2
        await records.change(lambda tx: tx.leases.give_up(first))
        await records.change(lambda tx: tx.leases.demand(second))

    async def test_a_note_is_written_once(self, records: Records) -> None:
        assert await records.change(lambda tx: tx.notes.settle("installation", "one")) == "one"
        assert await records.change(lambda tx: tx.notes.settle("installation", "two")) == "one"
        assert await records.change(lambda tx: tx.notes.settle("another", "two")) == "two"
        assert await records.look(lambda tx: tx.notes.find("installation")) == "one"
        assert await records.look(lambda tx: tx.notes.find("a third")) is None

    async def test_a_note_that_is_forgotten_may_be_written_anew(self, records: Records) -> None:
        await records.change(lambda tx: tx.notes.settle("home", "one"))

        await records.change(lambda tx: tx.notes.forget("home"))
        await records.change(lambda tx: tx.notes.forget("home"))

        assert await records.change(lambda tx: tx.notes.settle("home", "two")) == "two"
