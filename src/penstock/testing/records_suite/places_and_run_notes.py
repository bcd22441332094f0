"""How the places are, and what engines must not forget of their runs."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from penstock.domain.footprint import Room
from penstock.domain.run import RunId
from penstock.ports.engine import Capabilities, Health
from penstock.ports.places import PlaceReport
from penstock.ports.records import Records
from penstock.testing.builders import a_run_id
from penstock.testing.clock import NOON

_ABLE = Capabilities(
    flink_versions=("1.20", "1.19"), default_flink_version="1.20", java=17, savepoints=False, logs=False, bound=True
)


def _report(name: str, room: Room | None = None) -> PlaceReport:
    health = Health(ready=True, said="两个 TaskManagers", facts={"slots": 4.0})
    return PlaceReport(
        name=name, engine="session", capabilities=_ABLE, room=room or Room(slots=4), health=health, seen_at=NOON
    )


class PlacesSuite:
    """Reports of places."""

    async def test_places_are_listed_as_they_were_reported_in_the_order_of_their_names(self, records: Records) -> None:
        await records.change(lambda tx: tx.places.save(_report("b")))
        await records.change(lambda tx: tx.places.save(_report("a")))

        assert list(await records.look(lambda tx: tx.places.all())) == [_report("a"), _report("b")]

    async def test_a_later_report_takes_the_place_of_the_last_one(self, records: Records) -> None:
        later = replace(_report("a", Room(cus=8)), seen_at=NOON + timedelta(seconds=5), engine="local")
        await records.change(lambda tx: tx.places.save(_report("a")))

        await records.change(lambda tx: tx.places.save(later))

        assert list(await records.look(lambda tx: tx.places.all())) == [later]

    async def test_a_report_keeps_no_paths_of_the_machine_that_wrote_it(self, records: Records) -> None:
        able = replace(_ABLE, class_path=(Path("/opt/flink/lib/flink-dist.jar"),))

        await records.change(lambda tx: tx.places.save(replace(_report("a"), capabilities=able)))

        assert list(await records.look(lambda tx: tx.places.all())) == [_report("a")]


class RunNotesSuite:
    """What engines note about their runs."""

    async def _settle(self, records: Records, run: RunId, key: str, value: str, place: str = "main") -> str:
        return await records.change(lambda tx: tx.run_notes.settle(place, run, key, value))

    async def test_a_settled_note_stays_and_a_put_one_is_replaced(self, records: Records) -> None:
        run = a_run_id(1)

        assert await self._settle(records, run, "refused", "first") == "first"
        assert await self._settle(records, run, "refused", "second") == "first"
        await records.change(lambda tx: tx.run_notes.put("main", run, "checkpoint", "chk-1"))
        await records.change(lambda tx: tx.run_notes.put("main", run, "checkpoint", "chk-2"))

        notes = await records.look(lambda tx: tx.run_notes.of_runs("main", [run, a_run_id(2)]))
        assert notes == {run: {"refused": "first", "checkpoint": "chk-2"}, a_run_id(2): {}}

    async def test_notes_are_of_one_place_and_one_run(self, records: Records) -> None:
        first, second = a_run_id(1), a_run_id(2)
        for run, place in ((first, "main"), (second, "main"), (second, "other")):
            await self._settle(records, run, "submitted", place, place)

        await records.change(lambda tx: tx.run_notes.forget("main", second))
        await records.change(lambda tx: tx.run_notes.forget("main", second))

        assert await records.look(lambda tx: tx.run_notes.runs("main")) == {first}
        assert await records.look(lambda tx: tx.run_notes.runs("other")) == {second}
        assert await records.look(lambda tx: tx.run_notes.of_runs("main", [])) == {}
