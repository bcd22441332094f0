"""What the notes of a run say to who reads them next."""

import pytest

from penstock.domain.savepoint import SavepointId
from penstock.engines.session.notes import Ledger, Note
from penstock.testing.builders import a_run_id
from penstock.testing.place_records import MemoryRunNotes

pytestmark = pytest.mark.anyio

RUN = a_run_id(1)


async def test_the_savepoint_that_was_asked_for_last_is_remembered() -> None:
    notes = MemoryRunNotes()
    ledger = Ledger(notes)
    before = (await ledger.of_run(RUN)).savepoints

    await ledger.ask_savepoint(RUN, SavepointId("a" * 32))
    await ledger.ask_savepoint(RUN, SavepointId("b" * 32))

    assert before == frozenset()
    assert (await Ledger(notes).of_run(RUN)).savepoints == {"b" * 32}


async def test_what_is_settled_stays_and_nobody_takes_a_savepoint_for_an_end() -> None:
    ledger = Ledger(MemoryRunNotes())

    await ledger.ask_savepoint(RUN, SavepointId("a" * 32))
    between = await ledger.of_run(RUN)
    await ledger.settle(RUN, Note.REFUSED, "first")
    await ledger.settle(RUN, Note.REFUSED, "second")
    after = await ledger.of_run(RUN)

    assert (between.is_settled, after.is_settled) == (False, True)
    assert after[Note.REFUSED] == "first"
