"""Asking for savepoints, bringing one from a bucket, and running from the newest."""

import asyncio
from dataclasses import replace

import pytest

from penstock.domain.bucket import KEY_LIMIT, Bucket
from penstock.domain.errors import Invalid, NotFound, NotNow, StaleWrite, StoreUnavailable
from penstock.domain.faults import FaultCode
from penstock.domain.lifecycle import News, State
from penstock.domain.reason import ReasonCode
from penstock.ports.bell import CONTROL
from penstock.testing.builders import PROJECT, a_job, a_kept_savepoint, a_savepoint, a_spec, stored
from penstock.testing.clock import NOON
from penstock.testing.engine import SAVEPOINT_FILES
from penstock.usecases import editing, savepoints
from usecases.house import ERRAND, OTHER, STRANGER

pytestmark = pytest.mark.anyio

AT_REST = [State.DRAFT, State.STOPPED, State.FINISHED, State.LAUNCH_FAILED, State.FAILED]
ACTIVE = sorted(set(State) - set(AT_REST))
ROOT = f"buckets/{PROJECT}/b/"


@pytest.fixture(autouse=True)
async def bucket(house):
    await add_bucket(house)


async def add_bucket(house, name="b", project_id=PROJECT, **changes):
    bucket = Bucket(project_id=project_id, name=name, created_at=NOON, authorised=True)
    await house.records.change(lambda tx: tx.buckets.add(replace(bucket, **changes)))


async def a_stored_job(house, **changes):
    return await house.records.change(stored, a_job(**changes))


async def a_job_with(house, **kept):
    """At rest, with this newest savepoint."""
    job = await a_stored_job(house, state=State.STOPPED)
    newest = a_kept_savepoint(**{"job_id": job.id} | kept)
    return await house.records.change(lambda tx: tx.jobs.save(replace(job, newest_savepoint=newest)))


def without_savepoints(house):
    house.engine.capabilities = replace(house.engine.capabilities, savepoints=False)


def when_asked(store, meanwhile):
    """Let this happen once, when the store is first asked for an object."""
    head, read, first = store.head, store.read, [meanwhile]

    async def head_then(*args, **kwargs):
        await (first.pop()() if first else asyncio.sleep(0))
        return await head(*args, **kwargs)

    async def read_then(*args, **kwargs):
        await (first.pop()() if first else asyncio.sleep(0))
        async for piece in read(*args, **kwargs):
            yield piece

    store.head, store.read = head_then, read_then


def fault_of(caught):
    [fault] = caught.value.faults
    return fault.code, fault.path


class TestTriggering:
    async def test_it_is_written_down_with_its_name_before_anybody_hears_of_it(self, house):
        job = await a_stored_job(house, state=State.RUNNING)

        async with house.bell.listen(CONTROL) as ear:
            await savepoints.trigger(house.desk, ERRAND, job.id)
            rang = await ear.wait(10)

        after = await house.job(job.id)
        assert (after.state, after.reason.code, rang) == (State.SAVEPOINTING, ReasonCode.SAVEPOINT_ASKED, True)
        assert (len(after.savepoint.id), after.savepoint.stops_job, after.savepoint.asked_at) == (
            32,
            False,
            house.clock.now(),
        )
        assert (await house.facts(job.id), after.request_id) == (["savepoint_asked"], "request-1")

    @pytest.mark.parametrize("state", sorted(set(State) - {State.RUNNING}))
    async def test_only_a_job_that_runs_makes_one(self, house, state):
        job = await a_stored_job(house, state=state)

        with pytest.raises(NotNow):
            await savepoints.trigger(house.desk, ERRAND, job.id)

        assert await house.job(job.id) == job

    async def test_a_job_of_another_project_is_not_there(self, house):
        job = await a_stored_job(house, state=State.RUNNING)

        with pytest.raises(NotFound):
            await savepoints.trigger(house.desk, STRANGER, job.id)

    async def test_a_deleted_job_is_not_there(self, house):
        job = await a_stored_job(house, state=State.RUNNING, deleted_at=NOON)

        with pytest.raises(NotFound):
            await savepoints.trigger(house.desk, ERRAND, job.id)

    async def test_a_place_that_cannot_make_any_says_so(self, house):
        without_savepoints(house)
        job = await a_stored_job(house, state=State.RUNNING)

        with pytest.raises(Invalid) as caught:
            await savepoints.trigger(house.desk, ERRAND, job.id)

        assert (fault_of(caught)[0], await house.job(job.id)) == (FaultCode.PLACE_WITHOUT_SAVEPOINTS, job)

    @pytest.mark.parametrize(
        ("path", "target"),
        [
            ("b/dir", "b/dir"),
            ("b/dir/", "b/dir"),
            ("obs://b/dir/sub/", "b/dir/sub"),
            ("s3a://b/dir", "b/dir"),
            ("b", "b"),
            ("obs://b/", "b"),
            ("b/数据", "b/数据"),
        ],
    )
    async def test_a_folder_of_a_bucket_has_several_ways_to_be_written(self, house, path, target):
        job = await a_stored_job(house, state=State.RUNNING)

        await savepoints.trigger(house.desk, ERRAND, job.id, path)

        assert (await house.job(job.id)).savepoint.copy_to == target

    @pytest.mark.parametrize(
        "path",
        [
            "https://b.example.com/dir",
            "file:///dir",
            "/b/dir",
            "b//dir",
            "b/dir//",
            "b/../c",
            "b/./c",
            "b/..",
            "obs://",
            " ",
            "b/a\nb",
            "b/\ud800",
            "b?/dir",
            "b/" + "x" * 256,
            "b/" + "/".join(["x" * 100] * 10) + "/" + "y" * 15,
        ],
    )
    async def test_what_is_no_folder_of_a_bucket_is_refused_and_nothing_is_asked(self, house, path):
        job = await a_stored_job(house, state=State.RUNNING)

        with pytest.raises(Invalid) as caught:
            await savepoints.trigger(house.desk, ERRAND, job.id, path)

        assert fault_of(caught) == (FaultCode.SAVEPOINT_PATH_INVALID, "savepoint_path")
        assert await house.job(job.id) == job

    async def test_a_folder_is_no_longer_than_what_flink_writes_into_it_may_be(self, house):
        """As a store sees it, in bytes, with the longest name that Flink gives."""
        room = KEY_LIMIT - len("/savepoint-000000-000000000000/00000000-0000-0000-0000-000000000000")
        fits = "/".join(["x" * 99] * 9) + "/" + "y" * (room - 900)
        first = await a_stored_job(house, state=State.RUNNING, spec=a_spec(name="first"))
        second = await a_stored_job(house, state=State.RUNNING, spec=a_spec(name="second"))

        await savepoints.trigger(house.desk, ERRAND, first.id, f"b/{fits}")
        with pytest.raises(Invalid):
            await savepoints.trigger(house.desk, ERRAND, second.id, f"b/{fits}y")

    @pytest.mark.parametrize("name", ["unknown", "foreign", "closed"])
    async def test_a_bucket_that_jobs_may_not_name_is_refused(self, house, name):
        await add_bucket(house, "foreign", project_id=OTHER)
        await add_bucket(house, "closed", authorised=False)
        job = await a_stored_job(house, state=State.RUNNING)

        with pytest.raises(Invalid) as caught:
            await savepoints.trigger(house.desk, ERRAND, job.id, f"{name}/dir")

        assert fault_of(caught) == (FaultCode.BUCKET_UNAUTHORISED, "savepoint_path")

    async def test_without_a_path_the_copy_belongs_into_the_jobs_own_bucket(self, house):
        job = await a_stored_job(house, state=State.RUNNING, spec=a_spec(obs_bucket="logs"))

        await savepoints.trigger(house.desk, ERRAND, job.id)

        target = f"logs/jobs/savepoint/{job.id}/{house.clock.now():%Y-%m-%d_%H-%M-%S}"
        assert (await house.job(job.id)).savepoint.copy_to == target

    async def test_without_a_path_and_a_bucket_nobody_wants_a_copy(self, house):
        job = await a_stored_job(house, state=State.RUNNING)

        await savepoints.trigger(house.desk, ERRAND, job.id)

        assert (await house.job(job.id)).savepoint.copy_to == ""

    async def test_one_that_is_late_gives_way_to_the_next(self, house):
        late = a_savepoint(copy_to="b/old")
        job = await a_stored_job(house, state=State.RUNNING, savepoint=late)

        await savepoints.trigger(house.desk, ERRAND, job.id, "b/new")

        after = (await house.job(job.id)).savepoint
        assert (after.copy_to, after.id != late.id) == ("b/new", True)

    async def test_of_two_that_are_asked_for_at_once_one_is_made(self, house):
        job = await a_stored_job(house, state=State.RUNNING)

        ends = await asyncio.gather(
            *(savepoints.trigger(house.desk, ERRAND, job.id) for _ in range(2)), return_exceptions=True
        )

        assert sorted(type(end).__name__ for end in ends) == ["NoneType", "NotNow"]
        assert await house.facts(job.id) == ["savepoint_asked"]

    async def test_a_reconciler_that_writes_at_the_same_moment_is_waited_for(self, house):
        job = await a_stored_job(house, state=State.RUNNING)
        change, stale = house.records.change, [StaleWrite(), StaleWrite()]

        async def change_late(*args, **kwargs):
            if stale:
                raise stale.pop()
            return await change(*args, **kwargs)

        house.records.change = change_late
        await savepoints.trigger(house.desk, ERRAND, job.id)

        assert (await house.job(job.id)).state is State.SAVEPOINTING

    async def test_an_edit_meanwhile_leaves_what_was_asked_for(self, house):
        job = await a_stored_job(house, state=State.RUNNING)
        await savepoints.trigger(house.desk, ERRAND, job.id, "b/dir")
        asked = (await house.job(job.id)).savepoint

        await editing.update(house.desk, ERRAND, job.id, {"desc": "other", "obs_bucket": "b"})

        after = await house.job(job.id)
        assert (after.spec.desc, after.state, after.savepoint) == ("other", State.SAVEPOINTING, asked)


class TestImporting:
    async def a_savepoint(self, house, folder="dir"):
        await house.store.put(
            f"{ROOT}{folder}/_metadata" if folder else f"{ROOT}_metadata", SAVEPOINT_FILES["_metadata"]
        )

    @pytest.mark.parametrize("state", AT_REST)
    @pytest.mark.parametrize(("path", "folder"), [("obs://b/dir/", "dir"), ("b", "")])
    async def test_it_becomes_the_newest_one(self, house, state, path, folder):
        job = await a_stored_job(house, state=state)
        await self.a_savepoint(house, folder)

        imported = await savepoints.import_savepoint(house.desk, ERRAND, job.id, path)

        after = await house.job(job.id)
        newest = after.newest_savepoint
        assert (imported, after.state) == (after, state)
        assert (newest.copy, newest.copied_at, newest.place, newest.path) == (
            f"b/{folder}".rstrip("/"),
            house.clock.now(),
            "",
            "",
        )
        assert await house.facts(job.id) == ["savepoint_imported"]

    async def test_it_takes_the_place_of_an_older_one_which_stays_known(self, house):
        job = await a_job_with(house)
        await self.a_savepoint(house)

        imported = await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")

        older = job.newest_savepoint
        assert imported.newest_savepoint.id != older.id
        assert await house.records.look(lambda tx: tx.savepoints.load(older.id)) == older

    async def test_a_folder_without_metadata_is_no_savepoint(self, house):
        job = await a_stored_job(house)
        await house.store.put(f"{ROOT}dir/other", b"x")
        await self.a_savepoint(house, "dir/below")

        with pytest.raises(Invalid) as caught:
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")

        assert (fault_of(caught), await house.job(job.id)) == ((FaultCode.SAVEPOINT_UNKNOWN, "savepoint_path"), job)

    @pytest.mark.parametrize(
        "data", [b"", b"\x49\x60\x67", b"PK\x03\x04 and more", b"\x49\x60\x67\x2d\x00\x00\x00\x09"]
    )
    async def test_what_does_not_begin_as_flinks_metadata_is_no_savepoint(self, house, data):
        job = await a_stored_job(house)
        await house.store.put(f"{ROOT}dir/_metadata", data)

        with pytest.raises(Invalid) as caught:
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")

        assert fault_of(caught) == (FaultCode.SAVEPOINT_UNKNOWN, "savepoint_path")

    @pytest.mark.parametrize("state", ACTIVE)
    async def test_an_active_job_takes_none(self, house, state):
        job = await a_stored_job(house, state=state)
        await self.a_savepoint(house)

        with pytest.raises(NotNow) as caught:
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")

        assert fault_of(caught)[0] in {FaultCode.JOB_ACTIVE, FaultCode.JOB_NOT_EDITABLE}
        assert await house.job(job.id) == job

    async def test_a_job_that_is_run_while_the_store_is_asked_takes_none(self, house):
        job = await a_stored_job(house, state=State.STOPPED)
        await self.a_savepoint(house)

        async def run_meanwhile():
            await house.tell(job.id, News.RUN_ASKED)

        when_asked(house.store, run_meanwhile)
        with pytest.raises(NotNow):
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")

        assert (await house.job(job.id)).newest_savepoint is None

    @pytest.mark.parametrize("how", ["deleted", "closed"])
    async def test_a_bucket_that_goes_while_the_store_is_asked_gives_none(self, house, how):
        job = await a_stored_job(house)
        await self.a_savepoint(house)

        async def go_meanwhile():
            await house.records.change(lambda tx: tx.buckets.delete(PROJECT, "b"))
            if how == "closed":
                await add_bucket(house, authorised=False)

        when_asked(house.store, go_meanwhile)
        with pytest.raises(Invalid) as caught:
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")

        assert fault_of(caught)[0] is FaultCode.BUCKET_UNAUTHORISED

    async def test_another_projects_bucket_or_job_is_not_there(self, house):
        await add_bucket(house, "theirs", project_id=OTHER)
        await house.store.put(f"buckets/{OTHER}/theirs/dir/_metadata", SAVEPOINT_FILES["_metadata"])
        await self.a_savepoint(house)
        job = await a_stored_job(house)

        with pytest.raises(Invalid) as caught:
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "theirs/dir")
        with pytest.raises(NotFound):
            await savepoints.import_savepoint(house.desk, STRANGER, job.id, "b/dir")

        assert fault_of(caught)[0] is FaultCode.BUCKET_UNAUTHORISED

    async def test_a_store_that_does_not_answer_is_not_a_folder_without_metadata(self, house):
        job = await a_stored_job(house)
        house.store.trouble = StoreUnavailable("it is down")

        with pytest.raises(StoreUnavailable):
            await savepoints.import_savepoint(house.desk, ERRAND, job.id, "b/dir")
