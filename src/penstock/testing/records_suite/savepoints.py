"""Savepoints that runs can begin from: a job brings its newest along, and what becomes of the copy is kept beside it."""

from dataclasses import replace

import pytest

from penstock.domain.errors import NotFound, StaleWrite
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId
from penstock.domain.run_sheet import Beginning, SheetId
from penstock.domain.savepoint import SavepointId
from penstock.ports.records import JobFilter, Records, Tx
from penstock.testing.builders import PLACE, PROJECT, a_job, a_kept_savepoint, a_run, a_savepoint, a_sheet
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import SECOND, put

_HUNDRED = 100


def a_savepoint_id(number: int) -> SavepointId:
    return SavepointId(f"{number:032x}")


def numbers(found: object) -> list[int]:
    assert isinstance(found, list)
    return [int(kept.id, 16) for kept in found]


async def keep(records: Records, job: Job, *kept: KeptSavepoint) -> Job:
    """The job with each of them as its newest in turn."""

    def keep_all(tx: Tx) -> Job:
        saved = tx.jobs.load(job.id)
        for one in kept:
            saved = tx.jobs.save(replace(saved, newest_savepoint=replace(one, job_id=job.id)))
        return saved

    return await records.change(keep_all)


def wanted(number: int, **changes: object) -> KeptSavepoint:
    """At its place, its copy wanted."""
    made_at = NOON + number * SECOND
    defaults = {"id": a_savepoint_id(number), "made_at": made_at, "copy": f"b/{number}", "path": f"file:///s/{number}"}
    return a_kept_savepoint(**defaults | changes)


def copied(number: int, **changes: object) -> KeptSavepoint:
    """At its place and in its bucket."""
    return wanted(number, **{"copied_at": NOON} | changes)


class SavepointsSuite:
    """Kept with jobs, copied beside them."""

    async def test_an_unknown_savepoint_is_not_found(self, records: Records) -> None:
        with pytest.raises(NotFound):
            await records.look(lambda tx: tx.savepoints.load(a_savepoint_id(1)))

    async def test_a_savepoint_that_is_asked_for_keeps_where_its_copy_is_to_lie(self, records: Records) -> None:
        asked = a_savepoint(stops_job=True, copy_to="桶/dir/x")
        [job] = await put(records, a_job(state=State.PARTING, savepoint=asked))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).savepoint == asked

    async def test_a_job_brings_its_newest_savepoint_along(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        kept = copied(1, job_id=job.id, copied_at=NOON + SECOND)

        saved = await keep(records, job, kept)

        assert saved.newest_savepoint == kept
        assert await records.look(lambda tx: tx.savepoints.load(kept.id)) == kept
        assert await records.look(lambda tx: tx.jobs.load(job.id)) == saved

    async def test_every_way_to_find_a_job_finds_its_newest_savepoint(self, records: Records) -> None:
        running, waiting, restarting = await put(
            records, *(a_job(id=JobId(n), state=s) for n, s in enumerate(_STATES, 1))
        )
        for number, job in enumerate((running, waiting, restarting)):
            await keep(records, job, wanted(number))

        def found(tx: Tx) -> list[Job]:
            alone = [tx.jobs.find(PROJECT, running.id), tx.jobs.named(PROJECT, running.spec.name)]
            listed = [*tx.jobs.with_live_runs(PLACE), *tx.jobs.holding_room(), *tx.jobs.waiting()]
            return [job for job in (*alone, *listed, *tx.jobs.restarting()) if job]

        everywhere = await records.look(found)
        page = await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter()))

        assert len(everywhere) == 6
        assert None not in [job.newest_savepoint for job in (*everywhere, *page.jobs)]

    async def test_a_job_saved_later_leaves_what_became_of_the_copy(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        job = await keep(records, job, wanted(1))
        kept = await records.look(lambda tx: tx.savepoints.load(a_savepoint_id(1)))
        await records.change(lambda tx: tx.savepoints.save(kept.copied(NOON).at("there", "file:///t")))

        await records.change(lambda tx: tx.jobs.save(replace(job, restart_times=1)))

        newest = (await records.look(lambda tx: tx.jobs.load(job.id))).newest_savepoint
        assert newest == kept.copied(NOON).at("there", "file:///t")

    async def test_what_becomes_of_a_copy_leaves_the_version_of_its_job(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        job = await keep(records, job, wanted(1))

        kept = await records.look(lambda tx: tx.savepoints.load(a_savepoint_id(1)))
        await records.change(lambda tx: tx.savepoints.save(kept.copied(NOON)))

        await records.change(lambda tx: tx.jobs.save(replace(job, restart_times=1)))  # not stale

    async def test_an_older_savepoint_stays_when_a_newer_one_comes(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))

        await keep(records, job, wanted(1), wanted(2))

        assert (await records.look(lambda tx: tx.savepoints.load(a_savepoint_id(1)))).path == "file:///s/1"
        newest = (await records.look(lambda tx: tx.jobs.load(job.id))).newest_savepoint
        assert newest
        assert newest.id == a_savepoint_id(2)

    async def test_saving_an_unknown_savepoint_makes_none(self, records: Records) -> None:
        await records.change(lambda tx: tx.savepoints.save(wanted(1)))

        with pytest.raises(NotFound):
            await records.look(lambda tx: tx.savepoints.load(a_savepoint_id(1)))

    async def test_a_stale_save_takes_its_savepoint_back(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        await records.change(lambda tx: tx.jobs.save(job))

        with pytest.raises(StaleWrite):
            await records.change(lambda tx: tx.jobs.save(replace(job, newest_savepoint=wanted(1, job_id=job.id))))

        with pytest.raises(NotFound):
            await records.look(lambda tx: tx.savepoints.load(a_savepoint_id(1)))

    async def test_a_sheet_keeps_which_savepoint_it_begins_from(self, records: Records) -> None:
        [job] = await put(records, a_job())
        sheet = a_sheet(id=SheetId("begins"), beginning=Beginning.SAVEPOINT, savepoint=a_savepoint_id(1))

        await records.change(lambda tx: tx.sheets.add(job.id, sheet))

        assert await records.look(lambda tx: tx.sheets.load(sheet.id)) == sheet


class SavepointCopiesSuite:
    """Which are to be copied, and whose originals may go."""

    async def test_what_is_wanted_and_not_copied_is_to_copy_oldest_first(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        late, tied = wanted(9, made_at=NOON), wanted(3, made_at=NOON)
        await keep(records, job, wanted(2), late, tied, wanted(1))

        assert numbers(await records.look(lambda tx: tx.savepoints.to_copy(PLACE))) == [3, 9, 1, 2]

    async def test_nothing_else_is_to_copy(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        elsewhere, nowhere = wanted(1, place="there"), copied(2, place="", path="")
        await keep(records, job, elsewhere, nowhere, copied(3), wanted(4, copy=""), wanted(5))

        assert numbers(await records.look(lambda tx: tx.savepoints.to_copy(PLACE))) == [5]

    async def test_those_that_are_left_out_give_way_to_others(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        await keep(records, job, *(wanted(number) for number in range(_HUNDRED + 3)))
        tired = [a_savepoint_id(number) for number in range(1, 3)]

        first = await records.look(lambda tx: tx.savepoints.to_copy(PLACE))
        others = await records.look(lambda tx: tx.savepoints.to_copy(PLACE, but=tired))

        assert numbers(first) == list(range(_HUNDRED))
        assert numbers(others) == [0, *range(3, _HUNDRED + 2)]

    async def test_savepoints_of_deleted_jobs_are_copied_too(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.STOPPED, deleted_at=NOON))
        await keep(records, job, wanted(1))

        assert numbers(await records.look(lambda tx: tx.savepoints.to_copy(PLACE))) == [1]

    async def test_what_is_copied_and_older_than_the_newest_is_outlived(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        await keep(
            records, job, copied(2), copied(1), wanted(3), copied(4, place="", path=""), copied(5, place="there")
        )
        await keep(records, job, copied(6))

        assert numbers(await records.look(lambda tx: tx.savepoints.outlived(PLACE))) == [1, 2]

    async def test_one_that_the_job_began_from_is_not_outlived_until_it_begins_otherwise(
        self, records: Records
    ) -> None:
        [job] = await put(records, a_job(state=State.STOPPED, run=a_run(absent_at=NOON)))
        first = a_sheet(id=SheetId("first"), beginning=Beginning.SAVEPOINT, savepoint=a_savepoint_id(1))
        second = a_sheet(id=SheetId("second"), beginning=Beginning.SAVEPOINT, savepoint=a_savepoint_id(2))
        await records.change(lambda tx: tx.sheets.add(job.id, first))
        await records.change(lambda tx: tx.sheets.add(job.id, second))
        job = await keep(records, job, copied(1), copied(2), copied(3))

        job = await records.change(lambda tx: tx.jobs.save(replace(job, sheet_id=first.id)))
        before = await records.look(lambda tx: tx.savepoints.outlived(PLACE))
        await records.change(lambda tx: tx.jobs.save(replace(job, sheet_id=second.id)))

        assert numbers(before) == [2]
        assert numbers(await records.look(lambda tx: tx.savepoints.outlived(PLACE))) == [1]

    async def test_one_of_a_job_that_never_ran_here_is_outlived(self, records: Records) -> None:
        [job] = await put(records, a_job())
        await keep(records, job, copied(1), copied(2))

        assert numbers(await records.look(lambda tx: tx.savepoints.outlived(PLACE))) == [1]

    async def test_a_hundred_are_outlived_at_once_and_the_others_then(self, records: Records) -> None:
        [job, other] = await put(records, a_job(state=State.RUNNING), a_job(id=JobId(2), state=State.RUNNING))
        await keep(records, job, *(copied(number) for number in range(_HUNDRED + 2)))
        await keep(records, other, copied(_HUNDRED + 5), copied(_HUNDRED + 6))

        def let_go(tx: Tx) -> None:
            for kept in tx.savepoints.outlived(PLACE):
                tx.savepoints.save(kept.at("", ""))

        first = await records.look(lambda tx: tx.savepoints.outlived(PLACE))
        await records.change(let_go)

        assert numbers(first) == list(range(_HUNDRED))
        assert numbers(await records.look(lambda tx: tx.savepoints.outlived(PLACE))) == [_HUNDRED, _HUNDRED + 5]


_STATES = (State.RUNNING, State.QUEUED, State.RESTARTING)
