"""What has outlived its use is forgotten, and nothing else."""

from datetime import timedelta

import pytest

from penstock.control.chores import Chores
from penstock.database.state_directory import JobsFolder
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId
from penstock.testing.builders import a_job, a_run, stored
from penstock.testing.clock import NOON, ManualClock
from penstock.testing.records import MemoryRecords

pytestmark = pytest.mark.anyio
WEEK = timedelta(days=7)


@pytest.fixture
def folder(tmp_path):
    return JobsFolder(tmp_path)


async def state_left_after(folder, *jobs, later=timedelta(days=8)):
    """Which of the jobs still have state on disk when the chore was done that much later."""
    records = MemoryRecords()
    kept = [await records.change(stored, job) for job in jobs]
    for job in kept:
        (folder.path / str(job.id) / "state" / "checkpoints").mkdir(parents=True)

    forgotten = await Chores(records, ManualClock(NOON + later)).state(folder, WEEK)

    left = set(folder.jobs())
    assert forgotten == len(kept) - len(left)
    return [job.id in left for job in kept]


async def test_the_state_of_a_job_that_was_deleted_a_week_ago_goes(folder):
    assert await state_left_after(folder, a_job(deleted_at=NOON)) == [False]


@pytest.mark.parametrize(
    ("job", "later"),
    [
        (a_job(), timedelta(days=365)),
        (a_job(state=State.FAILED), timedelta(days=365)),
        (a_job(deleted_at=NOON), timedelta(days=6)),
        (a_job(state=State.RUNNING, run=a_run(), deleted_at=NOON), timedelta(days=365)),
    ],
)
async def test_the_state_of_any_other_job_stays(folder, job, later):
    assert await state_left_after(folder, job, later=later) == [True]


async def test_what_is_no_job_in_the_folder_is_left_alone(folder):
    (folder.path / "notes").mkdir()
    (folder.path / "4711").mkdir()

    await Chores(MemoryRecords(), ManualClock()).state(folder, WEEK)

    assert (folder.path / "notes").exists()
    assert folder.jobs() == [4711]


async def test_forgetting_twice_is_no_trouble(folder):
    await folder.forget(JobId(5))
    await folder.forget(JobId(5))
