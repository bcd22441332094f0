"""Adding, finding, saving and deleting jobs; their runs, and what these hold."""

from dataclasses import replace

import pytest

from penstock.domain.errors import AlreadyExists, NotFound, StaleWrite
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId
from penstock.domain.run_sheet import SheetId
from penstock.ports.records import JobFilter, Records, Tx
from penstock.testing.builders import (
    PLACE,
    PROJECT,
    a_job,
    a_new_job,
    a_run,
    a_run_id,
    a_savepoint,
    a_spec,
)
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import ELSEWHERE, SECOND, ids, put


class JobsSuite:
    """Adding, finding, saving and deleting jobs."""

    async def test_ids_start_at_one_and_grow(self, records: Records) -> None:
        jobs = await put(records, a_job(), a_job(), a_job())

        assert ids(jobs) == [1, 2, 3]

    async def test_a_new_job_is_a_draft(self, records: Records) -> None:
        new = a_new_job("fresh")

        job = await records.change(lambda tx: tx.jobs.add(new))

        assert job == a_job(id=job.id, spec=a_spec(name="fresh"))
        assert await records.look(lambda tx: tx.jobs.find(PROJECT, job.id)) == job

    @pytest.mark.parametrize("state", list(State))
    async def test_a_job_is_kept_as_it_was_saved(self, records: Records, state: State) -> None:
        [job] = await put(records, a_job(state=state, restart_times=3, restarts_itself=True, restart_due_at=NOON))

        assert await records.look(lambda tx: tx.jobs.load(job.id)) == job

    async def test_every_field_of_a_spec_is_kept(self, records: Records) -> None:
        spec = a_spec(
            desc="说明 'quoted' %_ \\ \u2028",
            dependency_jars=("g/a.jar", "b.jar"),
            dependency_files=("数据.csv",),
            tags=(("k", "v"), ("empty", "")),
            restart_when_exception=True,
            resume_max_num=7,
            resource_config='{"a": 1}',
        )

        job = await records.change(lambda tx: tx.jobs.add(replace(a_new_job(), spec=spec)))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).spec == spec

    async def test_a_reason_keeps_its_parameters(self, records: Records) -> None:
        reason = Reason.of(ReasonCode.BROKE, said="Zeile\n\x00\ud800", seconds=1.5, asked=4, known=True, other=None)
        [job] = await put(records, a_job(reason=reason))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).reason == reason

    async def test_times_are_kept_to_the_millisecond(self, records: Records) -> None:
        time = NOON.replace(microsecond=123_000)
        [job] = await put(records, a_job(created_at=time, updated_at=time, moved_at=time))

        kept = await records.look(lambda tx: tx.jobs.load(job.id))

        assert (kept.created_at, kept.updated_at, kept.moved_at) == (time, time, time)

    async def test_a_job_is_found_in_its_project_only(self, records: Records) -> None:
        [job] = await put(records, a_job())

        assert await records.look(lambda tx: tx.jobs.find(ELSEWHERE, job.id)) is None
        assert await records.look(lambda tx: tx.jobs.named(ELSEWHERE, job.spec.name)) is None
        assert await records.look(lambda tx: tx.jobs.named(PROJECT, job.spec.name)) == job

    @pytest.mark.parametrize("job_id", [-1, 0, 2, 2**31, 2**63, 10**30])
    async def test_an_unknown_id_finds_nothing(self, records: Records, job_id: int) -> None:
        await put(records, a_job())

        assert await records.look(lambda tx: tx.jobs.find(PROJECT, JobId(job_id))) is None
        with pytest.raises(NotFound):
            await records.look(lambda tx: tx.jobs.load(JobId(job_id)))

    async def test_a_name_is_taken_once_in_a_project(self, records: Records) -> None:
        await records.change(lambda tx: tx.jobs.add(a_new_job("one")))

        with pytest.raises(AlreadyExists) as raised:
            await records.change(lambda tx: tx.jobs.add(a_new_job("one")))

        assert [(fault.path, dict(fault.params)) for fault in raised.value.faults] == [("name", {"name": "one"})]
        await records.change(lambda tx: tx.jobs.add(a_new_job("One")))
        await records.change(lambda tx: tx.jobs.add(a_new_job("one", project_id=ELSEWHERE)))

    async def test_a_change_may_go_on_after_a_name_was_taken(self, records: Records) -> None:
        await records.change(lambda tx: tx.jobs.add(a_new_job("one")))

        def try_again(tx: Tx) -> Job:
            with pytest.raises(AlreadyExists):
                tx.jobs.add(a_new_job("one"))
            return tx.jobs.add(a_new_job("two"))

        await records.change(try_again)

        assert await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter()).total) == 2

    async def test_a_rename_meets_another_jobs_name(self, records: Records) -> None:
        first, second = await put(records, a_job(), a_job())
        renamed = replace(second, spec=first.spec)

        with pytest.raises(AlreadyExists):
            await records.change(lambda tx: tx.jobs.save(renamed))

        assert await records.look(lambda tx: tx.jobs.load(second.id)) == second

    async def test_a_renamed_job_is_found_under_its_new_name(self, records: Records) -> None:
        [job] = await put(records, a_job())

        renamed = await records.change(lambda tx: tx.jobs.save(replace(job, spec=a_spec(name="other"))))

        assert await records.look(lambda tx: tx.jobs.named(PROJECT, "other")) == renamed
        assert await records.look(lambda tx: tx.jobs.named(PROJECT, job.spec.name)) is None

    async def test_deleting_hides_a_job_and_frees_its_name(self, records: Records) -> None:
        [job] = await put(records, a_job())
        deleted, _ = job.deleted(NOON)

        deleted = await records.change(lambda tx: tx.jobs.save(deleted))

        assert await records.look(lambda tx: tx.jobs.find(PROJECT, job.id)) is None
        assert await records.look(lambda tx: tx.jobs.named(PROJECT, job.spec.name)) is None
        assert await records.look(lambda tx: tx.jobs.load(job.id)) == deleted
        [again] = await put(records, job)
        assert again.id > job.id

    async def test_a_deleted_job_can_be_saved_beside_a_new_one_of_its_name(self, records: Records) -> None:
        [job] = await put(records, a_job(deleted_at=NOON))
        await put(records, a_job())

        saved = await records.change(lambda tx: tx.jobs.save(replace(job, updated_at=NOON + SECOND)))

        assert saved.version == job.version + 1

    async def test_saving_guards_the_version(self, records: Records) -> None:
        [job] = await put(records, a_job())
        newer = await records.change(lambda tx: tx.jobs.save(replace(job, restart_times=1)))

        with pytest.raises(StaleWrite):
            await records.change(lambda tx: tx.jobs.save(replace(job, restart_times=2)))

        assert newer.version == job.version + 1
        assert await records.look(lambda tx: tx.jobs.load(job.id)) == newer

    async def test_a_stale_save_takes_its_run_back(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        await records.change(lambda tx: tx.jobs.save(job))
        cleared, _ = job.cleared(NOON)

        with pytest.raises(StaleWrite):
            await records.change(lambda tx: tx.jobs.save(cleared))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).live_run == job.run

    async def test_saving_an_unknown_job_is_stale(self, records: Records) -> None:
        with pytest.raises(StaleWrite):
            await records.change(lambda tx: tx.jobs.save(a_job(id=JobId(99))))

    async def test_a_savepoint_comes_and_goes(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.SAVEPOINTING, savepoint=a_savepoint(stops_job=True)))
        assert (await records.look(lambda tx: tx.jobs.load(job.id))).savepoint == a_savepoint(stops_job=True)

        without = await records.change(lambda tx: tx.jobs.save(replace(job, state=State.RUNNING, savepoint=None)))

        assert await records.look(lambda tx: tx.jobs.load(job.id)) == without


class RunsSuite:
    """A job's newest run, and what it holds."""

    async def test_a_job_shows_its_newest_run(self, records: Records) -> None:
        [job] = await put(records, a_job(state=State.RUNNING))
        cleared, _ = job.cleared(NOON + SECOND)
        job = await records.change(lambda tx: tx.jobs.save(cleared))
        newest = a_run(id=a_run_id(77), job_id=job.id, sheet_id=job.sheet_id)

        job = await records.change(lambda tx: tx.jobs.save(replace(job, run=newest)))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).run == newest

    async def test_a_run_keeps_what_happened_to_it(self, records: Records) -> None:
        run = a_run(started_at=NOON + SECOND, absent_at=NOON + 2 * SECOND)
        [job] = await put(records, a_job(state=State.RESTARTING, run=run))

        kept = (await records.look(lambda tx: tx.jobs.load(job.id))).run

        assert kept
        assert (kept.started_at, kept.absent_at, kept.is_live) == (NOON + SECOND, NOON + 2 * SECOND, False)

    async def test_live_runs_of_a_place_are_listed(self, records: Records) -> None:
        absent = a_run(absent_at=NOON)
        here, _, _, _ = await put(
            records,
            a_job(state=State.RUNNING),
            a_job(state=State.QUEUED),
            a_job(state=State.RESTARTING, run=absent),
            a_job(id=JobId(4), state=State.RUNNING, run=a_run(id=a_run_id(4), sheet_id=SheetId("s"), place="there")),
        )

        assert await records.look(lambda tx: tx.jobs.with_live_runs(PLACE)) == [here]

    async def test_live_runs_of_settled_and_deleted_jobs_are_listed(self, records: Records) -> None:
        settled, deleted = await put(
            records,
            a_job(state=State.STOPPED, run=a_run()),
            a_job(id=JobId(2), state=State.RUNNING, deleted_at=NOON),
        )

        assert await records.look(lambda tx: tx.jobs.with_live_runs(PLACE)) == [settled, deleted]

    async def test_room_is_held_by_live_runs_and_by_restarts(self, records: Records) -> None:
        gone = a_run(absent_at=NOON)
        jobs = await put(
            records,
            a_job(id=JobId(1), state=State.RUNNING),
            a_job(id=JobId(2), state=State.RUNNING, deleted_at=NOON),
            a_job(id=JobId(3), state=State.RESTARTING, restarts_itself=True, run=replace(gone, id=a_run_id(3))),
            a_job(id=JobId(4), state=State.QUEUED, restarts_itself=True, run=replace(gone, id=a_run_id(4))),
            a_job(id=JobId(5), state=State.QUEUED),
            a_job(id=JobId(6), state=State.STOPPED, run=replace(gone, id=a_run_id(6))),
            a_job(
                id=JobId(7),
                state=State.RESTARTING,
                restarts_itself=True,
                deleted_at=NOON,
                run=replace(gone, id=a_run_id(7)),
            ),
        )

        assert await records.look(lambda tx: tx.jobs.holding_room()) == jobs[:4]
