"""An engine's notes about its runs, in the records."""

import pytest

from penstock.control.place_notes import PlaceNotes
from penstock.testing.builders import a_run_id
from penstock.testing.records import MemoryRecords

pytestmark = pytest.mark.anyio


async def test_notes_of_one_place_are_there_for_the_next_controller_and_for_no_other_place():
    records = MemoryRecords()
    before, after, elsewhere = (PlaceNotes(records, place) for place in ("main", "main", "other"))

    await before.settle(a_run_id(1), "refused", "no main class")
    await before.put(a_run_id(1), "checkpoint", "chk-1")

    assert await after.of_runs([a_run_id(1)]) == {a_run_id(1): {"refused": "no main class", "checkpoint": "chk-1"}}
    assert await after.settle(a_run_id(1), "refused", "another reason") == "no main class"
    assert await elsewhere.runs() == frozenset()
    await after.forget(a_run_id(1))
    assert await before.runs() == frozenset()


async def test_what_user_code_said_is_kept_whatever_letters_it_has():
    notes = PlaceNotes(MemoryRecords(), "main")

    kept = await notes.settle(a_run_id(1), "refused", "a\x00b\ud800c")

    assert kept == "a\ufffdb?c"
