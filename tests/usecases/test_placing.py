"""Queues stand on places: which one an engine's name means, who may stand there, and what a place cannot do."""

from dataclasses import replace

import pytest

from penstock.domain.errors import Invalid, NotAllowed
from penstock.domain.faults import FaultCode
from penstock.domain.footprint import Room
from penstock.testing.builders import PLACE, a_queue_spec, a_spec
from penstock.testing.engine import FakeEngine
from penstock.usecases import buckets, editing, jobs, queues, running
from penstock.usecases.atlas import Atlas
from usecases.house import ERRAND, STRANGER

pytestmark = pytest.mark.anyio


@pytest.fixture
def shared(house):
    """An engine whose jobs share processes, as the place `main`; the house's own place is the default one."""
    engine = FakeEngine(house.clock, room=Room(slots=2))
    engine.capabilities = replace(engine.capabilities, logs=False, many_projects=False, steady_room=False)
    kinds = {PLACE: "fake", "main": "session", "spare": "fake"}
    engines = {PLACE: house.engine, "main": engine, "spare": FakeEngine(house.clock)}
    house.with_desk(places=Atlas(house.clock, engines, kinds))
    return engine


async def codes_of(call):
    with pytest.raises(Invalid) as caught:
        await call
    return [(fault.path, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("place", "engine", "meant"),
    [("", "session", "main"), ("main", "session", "main"), ("main", "", "main"), ("", "", PLACE), ("", "Flink", PLACE)],
)
@pytest.mark.usefixtures("shared")
async def test_an_engine_names_the_only_place_that_has_it(house, place, engine, meant):
    queue = await queues.create(house.desk, ERRAND, a_queue_spec(name="q", place=place), engine=engine)

    view = await queues.show(house.desk, ERRAND, "q")
    assert (queue.spec.place, view.place, view.engine) == (meant, meant, house.desk.places[meant].engine)


@pytest.mark.parametrize(
    ("place", "engine", "code"),
    [
        ("", "sesion", FaultCode.ENGINE_UNKNOWN),
        (PLACE, "session", FaultCode.ENGINE_OF_ANOTHER_PLACE),
        ("", "fake", FaultCode.ENGINE_OF_SEVERAL_PLACES),
    ],
)
@pytest.mark.usefixtures("shared")
async def test_an_engine_that_names_no_place_or_several_is_refused(house, place, engine, code):
    spec = a_queue_spec(name="q", place=place)

    assert await codes_of(queues.create(house.desk, ERRAND, spec, engine=engine)) == [("engine", code)]


@pytest.mark.usefixtures("shared")
async def test_two_projects_do_not_share_processes(house):
    await queues.create(house.desk, ERRAND, a_queue_spec(name="mine", place="main"))
    await queues.create(house.desk, ERRAND, a_queue_spec(name="more", place="main"))

    with pytest.raises(NotAllowed) as caught:
        await queues.create(house.desk, STRANGER, a_queue_spec(name="theirs", place="main"))

    assert [fault.code for fault in caught.value.faults] == [FaultCode.PLACE_OF_ANOTHER_PROJECT]
    await queues.create(house.desk, STRANGER, a_queue_spec(name="theirs"))  # elsewhere they may


async def test_two_projects_share_processes_if_the_operator_says_so_and_as_long(house, shared):
    alone, shared.capabilities = shared.capabilities, replace(shared.capabilities, many_projects=True)
    await queues.create(house.desk, STRANGER, a_queue_spec(name="theirs", place="main"))
    await queues.create(house.desk, ERRAND, a_queue_spec(name="q", place="main"))
    await jobs.create(house.desk, ERRAND, a_spec(name="before", queue_name="q"))

    shared.capabilities = alone
    refused = codes_of(jobs.create(house.desk, ERRAND, a_spec(name="after", queue_name="q")))

    assert await refused == [("queue_name", FaultCode.PLACE_OF_ANOTHER_PROJECT)]


@pytest.mark.parametrize(
    ("asked", "path", "code"),
    [
        ({"log_enabled": True, "obs_bucket": "logs"}, "log_enabled", FaultCode.PLACE_WITHOUT_LOGS),
        ({"manager_cu_number": 2, "cu_number": 4}, "manager_cu_number", FaultCode.PLACE_WITH_ONE_JOB_MANAGER),
    ],
)
@pytest.mark.usefixtures("shared")
async def test_what_a_place_cannot_do_is_refused_at_create_and_update(house, asked, path, code):
    await buckets.make(house.desk, ERRAND, "logs")
    await buckets.authorise(house.desk, ERRAND, ["logs"])
    await queues.create(house.desk, ERRAND, a_queue_spec(name="q", place="main"))
    drafts = house.with_desk(create_starts_jobs=False)
    plain = await jobs.create(drafts, ERRAND, a_spec(name="plain", queue_name="q"))

    assert await codes_of(jobs.create(drafts, ERRAND, a_spec(queue_name="q", **asked))) == [(path, code)]
    assert await codes_of(editing.update(drafts, ERRAND, plain.id, asked)) == [(path, code)]


async def test_what_a_place_cannot_do_any_more_is_refused_at_run(house, shared):
    alone, shared.capabilities = shared.capabilities, replace(shared.capabilities, logs=True)
    await buckets.make(house.desk, ERRAND, "logs")
    await buckets.authorise(house.desk, ERRAND, ["logs"])
    await queues.create(house.desk, ERRAND, a_queue_spec(name="q", place="main"))
    drafts = house.with_desk(create_starts_jobs=False)
    job = await jobs.create(drafts, ERRAND, a_spec(queue_name="q", log_enabled=True, obs_bucket="logs"))

    shared.capabilities = alone
    [outcome] = await running.run_jobs(drafts, ERRAND, [job.id])

    assert outcome.refused is not None
    assert [fault.code for fault in outcome.refused.faults] == [FaultCode.PLACE_WITHOUT_LOGS]


@pytest.mark.usefixtures("shared")
async def test_a_job_larger_than_a_room_that_may_grow_is_taken_on(house):
    await queues.create(house.desk, ERRAND, a_queue_spec(name="q", place="main"))

    job = await jobs.create(house.desk, ERRAND, a_spec(queue_name="q", cu_number=9, parallel_number=8))

    assert job.sheet_id is not None
