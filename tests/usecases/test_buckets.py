"""Buckets: a job may name one that is authorised; what is in one stays in its project."""

from dataclasses import replace

import pytest

from penstock.domain.errors import Invalid, NotFound, NotNow
from penstock.domain.faults import FaultCode
from penstock.testing.builders import a_spec
from penstock.usecases import buckets, jobs, running
from penstock.usecases.packages import UploadedFile
from usecases.house import ERRAND, STRANGER

pytestmark = pytest.mark.anyio


async def faults_of_create(house, **changes):
    with pytest.raises(Invalid) as caught:
        await jobs.create(house.desk, ERRAND, a_spec(**changes))
    return [(fault.path, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize("is_log_on", [True, False])
@pytest.mark.parametrize("queue_name", ["testQueue", ""])
async def test_a_job_cannot_name_a_bucket_that_is_not_authorised(house, is_log_on, queue_name):
    await buckets.make(house.desk, ERRAND, "mine")
    await buckets.make(house.desk, STRANGER, "theirs")
    await buckets.authorise(house.desk, STRANGER, ["theirs"])

    for name in ("mine", "theirs", "nothing"):
        faults = await faults_of_create(house, obs_bucket=name, log_enabled=is_log_on, queue_name=queue_name)
        assert faults == [("obs_bucket", FaultCode.BUCKET_UNAUTHORISED)]


async def test_a_job_names_a_bucket_once_it_is_authorised(house):
    await buckets.make(house.desk, ERRAND, "Mine")
    await buckets.authorise(house.desk, ERRAND, ["Mine", "Mine"])

    job = await jobs.create(house.desk, ERRAND, a_spec(obs_bucket="Mine", log_enabled=True))

    assert job.spec.obs_bucket == "Mine"


async def test_a_wrong_name_is_one_fault(house):
    assert await faults_of_create(house, obs_bucket="a/b") == [("obs_bucket", FaultCode.BUCKET_NAME_INVALID)]
    assert await faults_of_create(house, obs_bucket="a\0b") == [
        ("obs_bucket", FaultCode.CONTROL_CHARACTERS),
        ("obs_bucket", FaultCode.BUCKET_NAME_INVALID),
    ]


async def test_a_job_whose_bucket_is_gone_is_not_run_again(house):
    await buckets.make(house.desk, ERRAND, "mine")
    await buckets.authorise(house.desk, ERRAND, ["mine"])
    job = await jobs.create(house.desk, ERRAND, a_spec(obs_bucket="mine", queue_name=""))
    await buckets.delete(house.desk, ERRAND, "mine")

    [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id])

    assert FaultCode.BUCKET_UNAUTHORISED in {fault.code for fault in outcome.refused.faults}


async def test_an_object_that_arrives_after_its_bucket_is_gone_leaves_nothing(house, tmp_path):
    (tmp_path / "file").write_bytes(b"late")
    bucket = await buckets.make(house.desk, ERRAND, "mine")
    await buckets.delete(house.desk, ERRAND, "mine")

    with pytest.raises(NotFound):
        await buckets.put_object(
            house.desk, ERRAND, bucket, "a", UploadedFile(path=tmp_path / "file", sha256="", size=4)
        )

    assert await house.desk.shelf.is_empty(bucket)


async def test_a_bucket_that_is_filled_while_it_is_deleted_stays(house):
    bucket = await buckets.make(house.desk, ERRAND, "mine")
    await buckets.authorise(house.desk, ERRAND, ["mine"])
    house.with_desk(records=_FillsOnDelete(house.records, house.store, bucket))

    with pytest.raises(NotNow):
        await buckets.delete(house.desk, ERRAND, "mine")

    assert await buckets.show(house.desk, ERRAND, "mine") == replace(bucket, authorised=True)


class _FillsOnDelete:
    """Records under which somebody else's upload ends at the moment of the deletion."""

    def __init__(self, records, store, bucket):
        self._records, self._store, self._bucket = records, store, bucket
        self.look = records.look

    async def change(self, fn, *args):
        await self._store.put(self._bucket.stored("a"), b"")
        return await self._records.change(fn, *args)
