"""Stopping with a savepoint, and running from the newest."""

from dataclasses import replace

import pytest

from penstock.domain.errors import NotFound, NotNow
from penstock.domain.faults import FaultCode
from penstock.domain.lifecycle import State
from penstock.domain.reason import ReasonCode
from penstock.domain.run_sheet import Beginning
from penstock.testing.builders import PLACE, PROJECT, a_run, a_savepoint, a_spec
from penstock.testing.clock import NOON
from penstock.testing.engine import SAVEPOINT_FILES
from penstock.usecases import jobs, running, savepoints
from usecases.house import ERRAND
from usecases.test_savepoints import a_job_with, a_stored_job, add_bucket, without_savepoints

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def bucket(house):
    await add_bucket(house)


class TestStopping:
    @pytest.mark.parametrize(
        ("state", "more"), [(State.RUNNING, []), (State.SAVEPOINTING, ["savepoint_given_up"])], ids=str
    )
    async def test_a_job_that_runs_parts_and_an_older_savepoint_is_waited_for_no_longer(self, house, state, more):
        job = await a_stored_job(house, state=state, spec=a_spec(obs_bucket="b"))

        [outcome] = await running.stop_jobs(house.desk, ERRAND, [job.id], savepoint=True)

        after = await house.job(job.id)
        assert (outcome.refused, after.state, after.savepoint.stops_job) == (None, State.PARTING, True)
        assert after.savepoint.copy_to.startswith(f"b/jobs/savepoint/{job.id}/")
        assert await house.facts(job.id) == ["stop_with_savepoint_asked", *more]

    @pytest.mark.parametrize("state", sorted(set(State) - {State.RUNNING, State.SAVEPOINTING}))
    async def test_a_job_that_does_not_run_has_no_savepoint_to_stop_with(self, house, state):
        job = await a_stored_job(house, state=state)

        [outcome] = await running.stop_jobs(house.desk, ERRAND, [job.id], savepoint=True)

        assert [fault.code for fault in outcome.refused.faults] == [FaultCode.JOB_NOT_STOPPABLE]
        assert await house.job(job.id) == job

    async def test_each_job_has_an_outcome_and_a_savepoint_of_its_own(self, house):
        one, two, rests = [
            await a_stored_job(house, state=state, spec=a_spec(name=name))
            for name, state in (("one", State.RUNNING), ("two", State.RUNNING), ("rests", State.STOPPED))
        ]

        outcomes = await running.stop_jobs(house.desk, ERRAND, [one.id, rests.id, 99, two.id, one.id], savepoint=True)

        assert [outcome.refused and type(outcome.refused) for outcome in outcomes] == [
            None,
            NotNow,
            NotFound,
            None,
            None,
        ]
        asked = [(await house.job(job.id)).savepoint.id for job in (one, two)]
        assert len(set(asked)) == 2

    async def test_a_place_that_cannot_make_any_refuses_and_the_job_runs_on(self, house):
        without_savepoints(house)
        job = await a_stored_job(house, state=State.RUNNING)

        [outcome] = await running.stop_jobs(house.desk, ERRAND, [job.id], savepoint=True)

        [fault] = outcome.refused.faults
        assert (fault.code, fault.path) == (FaultCode.PLACE_WITHOUT_SAVEPOINTS, "trigger_savepoint")
        assert await house.job(job.id) == job

    async def test_a_parting_job_can_be_stopped_at_once(self, house):
        job = await a_stored_job(house, state=State.PARTING)

        await running.stop_jobs(house.desk, ERRAND, [job.id])

        assert (await house.job(job.id)).state is State.STOPPING


class TestResuming:
    async def test_the_next_run_begins_from_the_newest(self, house):
        job = await a_job_with(house)

        [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id], resume=True)

        after = await house.job(job.id)
        sheet = await house.sheet_of(after)
        assert (outcome.refused, after.state) == (None, State.QUEUED)
        assert (sheet.beginning, sheet.savepoint) == (Beginning.SAVEPOINT, job.newest_savepoint.id)
        assert after.reason.code is ReasonCode.QUEUED_FROM_SAVEPOINT
        assert after.reason.params["path"] == sheet.state_path == job.newest_savepoint.path

    async def test_without_being_asked_no_run_begins_from_it(self, house):
        job = await a_job_with(house)

        await running.run_jobs(house.desk, ERRAND, [job.id])

        sheet = await house.sheet_of(await house.job(job.id))
        assert (sheet.beginning, sheet.savepoint, sheet.state_path) == (Beginning.NOTHING, None, "")

    async def test_a_job_without_a_savepoint_does_not_begin_from_nothing_instead(self, house):
        job = await a_stored_job(house, state=State.STOPPED)

        [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id], resume=True)

        assert [fault.code for fault in outcome.refused.faults] == [FaultCode.SAVEPOINT_MISSING]
        assert await house.job(job.id) == job

    async def test_one_that_is_at_another_place_alone_is_refused_in_words(self, house):
        job = await a_job_with(house, place="there", path="file:///s", copy="b/not-yet")

        [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id], resume=True)

        [fault] = outcome.refused.faults
        assert (fault.code, dict(fault.params)) == (
            FaultCode.SAVEPOINT_ELSEWHERE,
            {"address": "file:///s", "place": "there"},
        )

    @pytest.mark.parametrize(
        "kept",
        [
            {"place": "there", "path": "file:///s", "copy": "b/dir", "copied_at": NOON},
            {"place": "", "path": "", "copy": "b/dir", "copied_at": NOON},
        ],
    )
    async def test_one_that_is_in_a_bucket_can_be_begun_from_anywhere(self, house, kept):
        job = await a_job_with(house, **kept)

        [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id], resume=True)

        sheet = await house.sheet_of(await house.job(job.id))
        assert (outcome.refused, sheet.place, sheet.state_path) == (None, PLACE, "b/dir")

    @pytest.mark.parametrize(
        "state", [State.QUEUED, State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.RESTARTING]
    )
    async def test_a_job_under_way_is_left_as_it_is(self, house, state):
        job = await a_stored_job(house, state=state)

        [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id], resume=True)

        assert (outcome.refused, await house.job(job.id)) == (None, job)

    async def test_a_savepoint_that_comes_while_packages_are_looked_up_is_the_one_begun_from(self, house):
        job = await a_job_with(house)
        await house.store.put(f"buckets/{PROJECT}/b/dir/_metadata", SAVEPOINT_FILES["_metadata"])
        fetch, imported = house.blobs.fetch, []

        class Blobs:
            async def fetch(self, sha256):
                if not imported:
                    imported.append(await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir"))
                return await fetch(sha256)

        desk = house.desk
        await running.run_jobs(replace(desk, blobs=Blobs()), ERRAND, [job.id], resume=True)

        sheet = await house.sheet_of(await house.job(job.id))
        assert sheet.savepoint == imported[0].newest_savepoint.id

    async def test_a_run_that_is_asked_for_later_forgets_a_savepoint_that_never_came(self, house):
        gone = a_run(absent_at=NOON)
        job = await a_stored_job(house, state=State.STOPPED, run=gone, savepoint=a_savepoint())

        await running.run_jobs(house.desk, ERRAND, [job.id])

        assert (await house.job(job.id)).savepoint is None

    async def test_the_savepoint_of_a_deleted_job_stays_known(self, house):
        job = await a_job_with(house)

        await jobs.delete(house.desk, ERRAND, job.id)

        kept = job.newest_savepoint
        assert await house.records.look(lambda tx: tx.savepoints.load(kept.id)) == kept
