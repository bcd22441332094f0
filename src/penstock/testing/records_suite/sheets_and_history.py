"""What is written once, and never changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from penstock.domain.errors import NotFound
from penstock.domain.lifecycle import State
from penstock.domain.run_sheet import Beginning, SheetId
from penstock.ports.records import Records, Tx
from penstock.testing.builders import (
    a_fact,
    a_job,
    a_part,
    a_run,
    a_run_id,
    a_sheet,
    a_spec,
)
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import put


class SheetsAndHistorySuite:
    """What is written once."""

    async def test_a_sheet_is_kept_as_it_was_added(self, records: Records) -> None:
        [job] = await put(records, a_job())
        sheet = a_sheet(
            spec=a_spec(tags=(("k", "v"),), dependency_jars=("a.jar",)),
            arguments=("--x", "a b", ""),
            jars=(a_part("a.jar", "b"), a_part("g/a.jar", "c")),
            files=(a_part("数据.csv", "d"),),
            beginning=Beginning.SAVEPOINT,
            state_path="/somewhere/sp",
        )

        await records.change(lambda tx: tx.sheets.add(job.id, sheet))

        assert await records.look(lambda tx: tx.sheets.load(sheet.id)) == sheet

    async def test_an_unknown_sheet_is_not_found(self, records: Records) -> None:
        with pytest.raises(NotFound):
            await records.look(lambda tx: tx.sheets.load(SheetId("nowhere")))

    async def test_history_is_told_oldest_first_and_in_pages(self, records: Records) -> None:
        job, other = await put(records, a_job(state=State.RUNNING), a_job())
        facts = [replace(a_fact(job, f"fact-{n}", NOON), request_id=f"r{n}") for n in range(4)]

        def tell(tx: Tx) -> None:
            for fact in facts:
                tx.history.add(fact)
            tx.history.add(a_fact(other))

        await records.change(tell)

        assert await records.look(lambda tx: tx.history.of_job(job.id)) == facts
        assert await records.look(lambda tx: tx.history.of_job(job.id, limit=2, offset=1)) == facts[1:3]

    async def test_the_history_of_a_deleted_job_stays(self, records: Records) -> None:
        [job] = await put(records, a_job(deleted_at=NOON))
        await records.change(lambda tx: tx.history.add(a_fact(job)))

        assert await records.look(lambda tx: tx.history.of_job(job.id)) == [a_fact(job)]

    async def test_the_runs_of_a_sheet_are_told_newest_first(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.FAILED, run=a_run(absent_at=NOON)))
        later = replace(job.run, id=a_run_id(77), admitted_at=NOON + timedelta(seconds=1)) if job.run else None
        await records.change(lambda tx: tx.jobs.save(replace(job, run=later)))

        runs = await records.look(lambda tx: tx.jobs.runs_of(SheetId(f"sheet-{job.id}")))

        assert runs == [a_run_id(77), a_run_id(job.id)]

    async def test_what_a_restart_needs_is_kept(self, records: Records) -> None:
        run = a_run(restore_from="file:///state/chk-7", flink_restarts=2)
        [job] = await put(
            records, a_job(state=State.RUNNING, run=run, restarts=(NOON, NOON), restore_from="/next", request_id="r1")
        )

        kept = await records.look(lambda tx: tx.jobs.load(job.id))

        assert (kept.restarts, kept.restore_from, kept.request_id) == ((NOON, NOON), "/next", "r1")
        assert kept.run is not None
        assert (kept.run.restore_from, kept.run.flink_restarts) == ("file:///state/chk-7", 2)
