"""Creating jobs: what is started, what stays a draft, and what is refused, all at once."""

import asyncio
from datetime import timedelta

import pytest

from penstock.domain.errors import AlreadyExists, Invalid, ObjectMissing
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import News, State
from penstock.domain.reason import Reason, ReasonCode
from penstock.ports.bell import CONTROL
from penstock.testing.builders import PLACE, PROJECT, a_spec
from penstock.usecases import jar_lore, jobs, running
from usecases.house import ERRAND, MAIN, jar_with

pytestmark = pytest.mark.anyio

RUNNING = (News.ADMITTED, News.SEEN_RUNNING)


async def codes_of(house, spec, known=()):
    with pytest.raises(Invalid) as caught:
        await jobs.create(house.desk, ERRAND, spec, known)
    return [(fault.code, fault.path) for fault in caught.value.faults]


async def test_a_job_that_can_run_is_queued_with_its_run_sheet(house):
    spec = a_spec(
        dependency_jars=("myGroup/test.jar",), dependency_files=("myGroup/test.csv",), entrypoint_args="a 'b c'"
    )

    job = await jobs.create(house.desk, ERRAND, spec)

    sheet = await house.sheet_of(job)
    assert job.state is State.QUEUED
    assert (sheet.main_class, sheet.arguments, sheet.place, sheet.flink_version) == (MAIN, ("a", "b c"), PLACE, "1.20")
    assert [part.name for part in (*sheet.jars, *sheet.files)] == ["myGroup/test.jar", "myGroup/test.csv"]
    assert await house.facts(job.id) == ["created", "run_asked"]


async def test_every_fact_names_the_request(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())

    facts = await house.records.look(lambda tx: tx.history.of_job(job.id))
    assert {fact.request_id for fact in facts} == {"request-1"}


@pytest.mark.parametrize("missing", ["queue_name", "entrypoint"])
async def test_a_job_that_cannot_run_yet_stays_a_draft(house, missing):
    job = await jobs.create(house.desk, ERRAND, a_spec(**{missing: ""}))

    assert (job.state, job.sheet_id) == (State.DRAFT, None)
    assert job.reason == Reason.of(ReasonCode.DRAFT, missing=missing)


async def test_in_draft_mode_nothing_starts_and_a_shared_queue_is_no_fault(house):
    house.with_desk(create_starts_jobs=False)
    await house.add_queue(name="shared", resource_mode=0)

    job = await jobs.create(house.desk, ERRAND, a_spec(queue_name="shared"))

    assert job.state is State.DRAFT


async def test_the_answer_waits_until_the_job_runs(house):
    house.with_desk(create_wait=timedelta(seconds=30))

    async with house.controllers(*RUNNING):
        job = await jobs.create(house.desk, ERRAND, a_spec())

    assert job.state is State.RUNNING


async def test_the_answer_tells_of_a_job_that_ended_at_once(house):
    house.with_desk(create_wait=timedelta(seconds=30))
    said = Reason.of(ReasonCode.REFUSED, said="main() threw")

    async with house.controllers(News.ADMITTED, News.LAUNCH_REFUSED, reason=said):
        job = await jobs.create(house.desk, ERRAND, a_spec())

    assert (job.state, job.reason) == (State.LAUNCH_FAILED, said)


async def test_the_wait_ends_and_the_answer_says_what_is_true_then(house):
    house.with_desk(create_wait=timedelta(milliseconds=20))

    async with house.controllers(News.ADMITTED):
        job = await jobs.create(house.desk, ERRAND, a_spec())

    assert job.state is State.LAUNCHING


async def test_the_wait_ends_when_the_job_is_deleted_meanwhile(house):
    house.with_desk(create_wait=timedelta(seconds=30))
    async with house.bell.listen(CONTROL) as ear:
        creation = asyncio.create_task(jobs.create(house.desk, ERRAND, a_spec()))
        await ear.wait(60)

    await jobs.delete(house.desk, ERRAND, 1)
    await house.tell(1)

    assert (await creation).deleted_at is not None


async def test_a_caller_who_hangs_up_changes_nothing(house):
    house.with_desk(create_wait=timedelta(seconds=30))
    async with house.bell.listen(CONTROL) as ear:
        creation = asyncio.create_task(jobs.create(house.desk, ERRAND, a_spec()))
        await ear.wait(60)

    creation.cancel()

    assert (await house.job(1)).state is State.QUEUED


async def test_all_faults_come_at_once(house):
    spec = a_spec(
        name="a b",
        queue_name="nowhere",
        cu_number=1,
        entrypoint="gone.jar",
        dependency_jars=("g/gone1.jar", "myGroup/test.jar", "g/gone2.jar"),
        dependency_files=("bad//name",),
        flink_version="1.7",
    )

    found = await codes_of(house, spec)

    assert found == [
        (FaultCode.NAME_CHARACTERS, "name"),
        (FaultCode.CUS_OUT_OF_RANGE, "cu_number"),
        (FaultCode.PACKAGE_NAME_INVALID, "dependency_files"),
        (FaultCode.QUEUE_UNKNOWN, "queue_name"),
        (FaultCode.PACKAGE_UNKNOWN, "entrypoint"),
        (FaultCode.PACKAGE_UNKNOWN, "dependency_jars"),
        (FaultCode.PACKAGE_UNKNOWN, "dependency_jars"),
        (FaultCode.FLINK_VERSION_UNKNOWN, "flink_version"),
    ]


async def test_a_fault_that_is_known_already_is_not_echoed(house):
    known = [Fault.at("name", FaultCode.WRONG_TYPE, field="name", expected="text", given="number")]

    found = await codes_of(house, a_spec(name=""), known)

    assert found == [(FaultCode.WRONG_TYPE, "name")]


async def test_a_text_that_no_database_takes_is_a_fault_and_is_not_looked_up(house):
    found = await codes_of(house, a_spec(queue_name="a\0b", entrypoint="c\0d"))

    assert {code for code, _ in found} == {FaultCode.CONTROL_CHARACTERS, FaultCode.PACKAGE_NAME_INVALID}


async def test_a_name_that_is_taken_is_the_only_fault_that_is_a_conflict(house):
    await jobs.create(house.desk, ERRAND, a_spec())

    with pytest.raises(AlreadyExists):
        await jobs.create(house.desk, ERRAND, a_spec())
    found = await codes_of(house, a_spec(queue_name="nowhere"))
    assert [code for code, _ in found] == [FaultCode.NAME_TAKEN, FaultCode.QUEUE_UNKNOWN]


async def test_of_two_creates_of_one_name_at_once_one_succeeds(house):
    results = await asyncio.gather(
        *(jobs.create(house.desk, ERRAND, a_spec()) for _ in range(8)), return_exceptions=True
    )

    assert sum(isinstance(result, AlreadyExists) for result in results) == 7


async def test_a_name_is_free_again_once_its_job_is_deleted(house):
    first = await jobs.create(house.desk, ERRAND, a_spec())

    await jobs.delete(house.desk, ERRAND, first.id)

    assert (await jobs.create(house.desk, ERRAND, a_spec())).id > first.id


async def test_so_many_drafts_and_no_more(house):
    house.with_desk(drafts_limit=2)
    for name in "ab":
        await jobs.create(house.desk, ERRAND, a_spec(name=name, entrypoint=""))

    assert await codes_of(house, a_spec(name="c", entrypoint="")) == [(FaultCode.DRAFTS_TOO_MANY, "")]
    assert (await jobs.create(house.desk, ERRAND, a_spec(name="d"))).state is State.QUEUED


@pytest.mark.parametrize(
    ("changes", "queue", "code"),
    [
        ({"cu_number": 17}, {"cu_count": 4}, None),
        ({"cu_number": 17, "parallel_number": 17, "tm_slot_num": 1}, {"cu_count": 16}, FaultCode.JOB_ABOVE_QUEUE),
        ({"cu_number": 90, "parallel_number": 89, "tm_slot_num": 1}, {"cu_count": 99}, FaultCode.JOB_ABOVE_PLACE),
        ({}, {"resource_mode": 0}, FaultCode.QUEUE_SHARED),
        ({}, {"queue_type": "sql"}, FaultCode.QUEUE_SHARED),
        ({}, {"place": "elsewhere"}, FaultCode.PLACE_UNKNOWN),
    ],
)
async def test_a_job_that_can_never_run_on_its_queue_is_refused(house, changes, queue, code):
    await house.add_queue(name="other", **queue)
    spec = a_spec(queue_name="Other", **changes)

    if code is None:
        assert (await jobs.create(house.desk, ERRAND, spec)).state is State.QUEUED
    else:
        assert [found for found, _ in await codes_of(house, spec)] == [code]


@pytest.mark.parametrize(
    ("jar", "changes", "code", "field"),
    [
        (b"no zip at all", {}, FaultCode.NOT_A_JAR, "entrypoint"),
        (jar_with(MAIN), {}, FaultCode.MAIN_CLASS_MISSING, "main_class"),
        (jar_with(MAIN), {"main_class": "org.Gone"}, FaultCode.MAIN_CLASS_UNKNOWN, "main_class"),
        (jar_with(MAIN), {"main_class": "org Gone"}, FaultCode.MAIN_CLASS_SPACE, "main_class"),
    ],
)
async def test_a_jar_that_cannot_run_is_refused(house, jar, changes, code, field):
    await house.add_package("javaQueueStream.jar", jar)

    assert await codes_of(house, a_spec(**changes)) == [(code, field)]


async def test_a_dependency_that_is_no_jar_is_named(house):
    await house.add_package("myGroup/test1.jar", b"nothing")

    found = await codes_of(house, a_spec(dependency_jars=("myGroup/test.jar", "myGroup/test1.jar")))

    assert found == [(FaultCode.NOT_A_JAR, "dependency_jars")]


async def test_the_main_class_may_be_in_a_dependency(house):
    spec = a_spec(main_class="a.Dependency", dependency_jars=("myGroup/test.jar",))

    job = await jobs.create(house.desk, ERRAND, spec)

    assert (await house.sheet_of(job)).main_class == "a.Dependency"


async def test_a_jar_that_was_read_once_is_not_read_again(house):
    await jobs.create(house.desk, ERRAND, a_spec(name="one"))
    reads, fetch = [], house.blobs.fetch
    house.with_desk(blobs=replace_fetch(reads, fetch))

    await jobs.create(house.desk, ERRAND, a_spec(name="two"))

    assert reads == []


def replace_fetch(reads, fetch):
    class Blobs:
        async def fetch(self, sha256):
            reads.append(sha256)
            return await fetch(sha256)

    return Blobs()


async def test_a_package_whose_content_is_lost_is_one_clear_fault(house):
    part = (await house.sheet_of(await jobs.create(house.desk, ERRAND, a_spec(name="one")))).entrypoint
    again = jar_lore.JarLore()
    house.with_desk(blobs=losing(part.sha256, house.blobs), jars=again)

    found = await codes_of(house, a_spec(name="two"))

    assert found == [(FaultCode.PACKAGE_CONTENT_LOST, "entrypoint")]


def losing(lost, blobs):
    class Blobs:
        async def fetch(self, sha256):
            if sha256 == lost:
                raise ObjectMissing
            return await blobs.fetch(sha256)

    return Blobs()


async def test_packages_that_change_while_they_are_read_are_read_again(house):
    changed = await changing_while_read(house)

    job = await jobs.create(house.desk, ERRAND, a_spec())

    assert (await house.sheet_of(job)).entrypoint.sha256 in changed


async def changing_while_read(house):
    """The first fetch of a content points the package's name at another one."""
    changed, fetch = [], house.blobs.fetch

    class Blobs:
        async def fetch(self, sha256):
            if not changed:
                jar = jar_with(MAIN, "b.Newer", manifest_main=MAIN)
                changed.append(await house.add_package("javaQueueStream.jar", jar))
            return await fetch(sha256)

    house.with_desk(blobs=Blobs())
    return changed


async def test_what_a_job_runs_is_pinned_when_it_is_asked_to_run(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())
    before = await house.sheet_of(job)
    await house.tell(job.id, News.STOP_ASKED)
    newer = await house.add_package("javaQueueStream.jar", jar_with(MAIN, "b.Newer", manifest_main=MAIN))

    await running.run_jobs(house.desk, ERRAND, [job.id])

    after = await house.sheet_of(await house.job(job.id))
    assert (before.entrypoint.sha256 != newer, after.entrypoint.sha256) == (True, newer)


async def test_two_hundred_creates_at_once_are_two_hundred_jobs(house):
    names = [f"job{number}" for number in range(200)]

    made = await asyncio.gather(*(jobs.create(house.desk, ERRAND, a_spec(name=name)) for name in names))

    assert len({job.id for job in made}) == 200
    assert await house.records.look(lambda tx: len(tx.jobs.waiting())) == 200


async def test_nothing_is_stored_of_a_create_that_was_refused(house):
    await codes_of(house, a_spec(queue_name="nowhere"))

    page = await house.records.look(lambda tx: tx.jobs.list(PROJECT, jobs.JobFilter()))
    assert page.total == 0
