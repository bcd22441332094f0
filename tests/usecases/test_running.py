"""Running, stopping and deleting several jobs, each by itself."""

import pytest

from penstock.domain.errors import Invalid, NotFound, NotNow, PlaceElsewhere, StaleWrite
from penstock.domain.faults import FaultCode
from penstock.domain.lifecycle import News, State
from penstock.testing.builders import a_job, a_spec, stored
from penstock.usecases import jobs, running
from penstock.usecases.atlas import Atlas
from usecases.house import ERRAND, STRANGER

pytestmark = pytest.mark.anyio

AT_REST = [State.DRAFT, State.STOPPED, State.FINISHED, State.LAUNCH_FAILED, State.FAILED]
UNDER_WAY = [State.QUEUED, State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.RESTARTING]
LEAVING = [State.PARTING, State.STOPPING, State.STOP_FAILED]


async def a_stored_job(house, **changes):
    return await house.records.change(stored, a_job(**changes))


def refusal_of(outcome):
    return outcome.refused and (type(outcome.refused), [fault.code for fault in outcome.refused.faults])


@pytest.mark.parametrize("state", AT_REST)
async def test_a_job_at_rest_is_queued_with_a_new_sheet(house, state):
    job = await a_stored_job(house, state=state)

    outcomes = await running.run_jobs(house.desk, ERRAND, [job.id])

    after = await house.job(job.id)
    assert (outcomes, after.state) == ([running.Outcome(job.id)], State.QUEUED)
    assert after.sheet_id != job.sheet_id


@pytest.mark.parametrize("state", UNDER_WAY)
async def test_running_a_job_that_is_under_way_succeeds_and_changes_nothing(house, state):
    job = await a_stored_job(house, state=state)

    outcomes = await running.run_jobs(house.desk, ERRAND, [job.id])

    assert (outcomes, await house.job(job.id)) == ([running.Outcome(job.id)], job)


@pytest.mark.parametrize("state", LEAVING)
async def test_a_job_on_its_way_out_cannot_be_run(house, state):
    job = await a_stored_job(house, state=state)

    [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id])

    assert refusal_of(outcome) == (NotNow, [FaultCode.JOB_NOT_RUNNABLE])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"queue_name": ""}, FaultCode.QUEUE_NEEDED),
        ({"entrypoint": ""}, FaultCode.ENTRYPOINT_NEEDED),
        ({"queue_name": "gone"}, FaultCode.QUEUE_UNKNOWN),
        ({"entrypoint": "gone.jar"}, FaultCode.PACKAGE_UNKNOWN),
    ],
)
async def test_a_draft_that_lacks_something_cannot_be_run(house, changes, code):
    job = await a_stored_job(house, spec=a_spec(**changes))

    [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id])

    assert refusal_of(outcome) == (Invalid, [code])
    assert (await house.job(job.id)).state is State.DRAFT


async def test_one_refusal_does_not_spoil_the_rest_and_the_order_stays(house):
    good = await a_stored_job(house)

    outcomes = await running.run_jobs(house.desk, ERRAND, [99, good.id, good.id])

    assert [refusal_of(outcome) for outcome in outcomes] == [(NotFound, [FaultCode.JOB_UNKNOWN]), None, None]
    assert (await house.facts(good.id)).count("run_asked") == 1


@pytest.mark.parametrize("verb", ["run", "stop", "delete"])
async def test_naming_no_job_is_a_fault(house, verb):
    verbs = {"run": running.run_jobs, "stop": running.stop_jobs, "delete": jobs.delete_jobs}

    with pytest.raises(Invalid) as caught:
        await verbs[verb](house.desk, ERRAND, [])

    assert caught.value.faults[0].code is FaultCode.JOB_IDS_EMPTY


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.QUEUED, State.STOPPED),
        (State.LAUNCHING, State.STOPPING),
        (State.RUNNING, State.STOPPING),
        (State.RESTARTING, State.STOPPED),
        (State.STOP_FAILED, State.STOPPING),
    ],
)
async def test_a_stop_is_written_down(house, state, after):
    job = await a_stored_job(house, state=state)

    [outcome] = await running.stop_jobs(house.desk, ERRAND, [job.id])

    assert (outcome.refused, (await house.job(job.id)).state) == (None, after)
    assert (await house.facts(job.id))[-1] == "stop_asked"


@pytest.mark.parametrize("state", [*AT_REST, State.STOPPING])
async def test_what_does_not_run_cannot_be_stopped(house, state):
    job = await a_stored_job(house, state=state)

    [outcome] = await running.stop_jobs(house.desk, ERRAND, [job.id])

    assert refusal_of(outcome) == (NotNow, [FaultCode.JOB_NOT_STOPPABLE])


@pytest.mark.parametrize("state", list(State))
async def test_a_job_can_be_deleted_in_any_state(house, state):
    job = await a_stored_job(house, state=state)

    await jobs.delete(house.desk, ERRAND, job.id)

    with pytest.raises(NotFound):
        await jobs.show(house.desk, ERRAND, job.id)
    assert (await house.facts(job.id))[-1] == "deleted"


async def test_a_job_of_another_project_is_not_there(house):
    job = await a_stored_job(house, state=State.RUNNING)

    outcomes = [
        *await running.run_jobs(house.desk, STRANGER, [job.id]),
        *await running.stop_jobs(house.desk, STRANGER, [job.id]),
        *await jobs.delete_jobs(house.desk, STRANGER, [job.id]),
    ]

    assert {refusal_of(outcome)[0] for outcome in outcomes} == {NotFound}
    assert await house.job(job.id) == job


async def test_a_stale_write_is_tried_again(house):
    tries = []

    async def attempt():
        tries.append(1)
        if len(tries) < 3:
            raise StaleWrite
        return "written"

    assert await running.patiently(attempt) == "written"


async def test_a_write_that_is_always_stale_is_given_up(house):
    async def attempt():
        raise StaleWrite

    with pytest.raises(StaleWrite):
        await running.patiently(attempt)


async def test_a_job_that_changes_while_it_is_looked_up_is_looked_up_again(house):
    job = await a_stored_job(house, spec=a_spec())
    fetch, touched = house.blobs.fetch, []

    class Blobs:
        async def fetch(self, sha256):
            if not touched:
                touched.append(await house.records.change(lambda tx: tx.jobs.save(tx.jobs.load(job.id))))
            return await fetch(sha256)

    house.with_desk(blobs=Blobs())

    [outcome] = await running.run_jobs(house.desk, ERRAND, [job.id])

    assert (outcome.refused, (await house.job(job.id)).state) == (None, State.QUEUED)


async def test_the_graph_is_what_the_place_says(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())
    await house.tell(job.id, News.ADMITTED)
    run = (await house.job(job.id)).run

    with pytest.raises(NotFound):
        await jobs.graph(house.desk, ERRAND, job.id)
    house.engine.world.runs[run.id] = next(iter((await house.engine.observe([run.id])).values()))

    assert (await jobs.graph(house.desk, ERRAND, job.id))["jid"] == run.id


async def test_the_graph_of_a_job_that_another_service_looks_after_is_to_be_asked_there(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())
    await house.tell(job.id, News.ADMITTED)
    elsewhere = Atlas(house.clock, {}, {})
    elsewhere.hear(house.desk.places.values())

    with pytest.raises(PlaceElsewhere):
        await jobs.graph(house.with_desk(places=elsewhere), ERRAND, job.id)


async def test_an_explanation_tells_of_the_queue_and_of_the_run(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())
    await house.tell(job.id, News.ADMITTED, News.SEEN_RUNNING)

    found = await jobs.explain(house.desk, ERRAND, job.id)

    assert (found.queue.name, found.used_cus, found.job.run.place) == ("testqueue", 2, "here")


async def test_a_history_comes_in_pages(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())
    await house.tell(job.id, News.ADMITTED, News.SEEN_RUNNING)

    first = await jobs.history(house.desk, ERRAND, job.id, limit=3, offset=0)
    rest = await jobs.history(house.desk, ERRAND, job.id, limit=3, offset=first.next)

    assert [fact.what for fact in (*first.facts, *rest.facts)] == ["created", "run_asked", "admitted", "seen_running"]
    assert rest.next is None
