"""Queues: made once, shown with what is taken, gone only when nobody needs them."""

import pytest

from penstock.domain.errors import AlreadyExists, Invalid, NotFound, NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import News
from penstock.testing.builders import a_queue_spec, a_spec
from penstock.usecases import jobs, queues
from usecases.house import ERRAND, STRANGER

pytestmark = pytest.mark.anyio


async def test_a_queue_is_found_whatever_the_case_of_its_name(house):
    await queues.create(house.desk, ERRAND, a_queue_spec(name="MyQueue"))

    assert (await queues.show(house.desk, ERRAND, "MYQUEUE")).queue.name == "myqueue"


async def test_all_faults_of_a_queue_come_at_once(house):
    known = [Fault.at("description", FaultCode.WRONG_TYPE, field="description", expected="text", given="number")]
    spec = a_queue_spec(name="_x", cu_count=0, queue_type="odd", place="nowhere")

    with pytest.raises(Invalid) as caught:
        await queues.create(house.desk, ERRAND, spec, known)

    assert [fault.path for fault in caught.value.faults] == [
        "description",
        "queue_name",
        "cu_count",
        "queue_type",
        "place",
    ]


async def test_a_name_is_taken_whatever_its_case(house):
    with pytest.raises(AlreadyExists):
        await queues.create(house.desk, ERRAND, a_queue_spec(name="TESTQUEUE"))


async def test_the_cus_that_run_are_taken_until_nothing_is_left_of_the_run(house):
    job = await jobs.create(house.desk, ERRAND, a_spec(cu_number=4, parallel_number=3, tm_slot_num=1))
    await house.tell(job.id, News.ADMITTED, News.SEEN_RUNNING, News.SEEN_FINISHED)
    [busy] = await queues.list_queues(house.desk, ERRAND)

    await house.clear(job.id)

    [free] = await queues.list_queues(house.desk, ERRAND)
    assert (busy.used_cus, free.used_cus) == (4, 0)


async def test_a_queue_says_which_flink_runs_there(house):
    await house.add_queue(name="lost", place="elsewhere")

    here, lost = await queues.show(house.desk, ERRAND, "testQueue"), await queues.show(house.desk, ERRAND, "lost")

    assert (here.place, here.flink_versions, lost.place, lost.flink_versions) == ("here", ("1.20",), "elsewhere", ())


async def test_a_queue_with_a_waiting_job_stays(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())

    with pytest.raises(NotNow) as caught:
        await queues.delete(house.desk, ERRAND, "testQueue")
    await house.tell(job.id, News.STOP_ASKED)
    await queues.delete(house.desk, ERRAND, "testQueue")

    assert caught.value.faults[0].params == {"queue": "testqueue", "jobs": 1}
    with pytest.raises(NotFound):
        await queues.show(house.desk, ERRAND, "testQueue")


async def test_a_queue_of_another_project_is_not_there(house):
    assert await queues.list_queues(house.desk, STRANGER) == []
    with pytest.raises(NotFound):
        await queues.delete(house.desk, STRANGER, "testQueue")
