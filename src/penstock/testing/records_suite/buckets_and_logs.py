"""Buckets, and how far logs are shipped to them."""

from dataclasses import replace

from penstock.domain.bucket import Bucket
from penstock.domain.lifecycle import State
from penstock.domain.location import Location
from penstock.domain.log import LogCursor, SubmitLog
from penstock.domain.run import RunId
from penstock.ports.records import Records, Tx
from penstock.testing.builders import PROJECT, a_job, stored
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import ELSEWHERE, SECOND


def a_bucket(name: str = "testBucket") -> Bucket:
    return Bucket(project_id=PROJECT, name=name, created_at=NOON)


class BucketsSuite:
    """Buckets by project and name."""

    async def test_a_bucket_stays_as_it_was_when_it_is_made_again(self, records: Records) -> None:
        made = await records.change(lambda tx: tx.buckets.add(a_bucket()))
        await records.change(lambda tx: tx.buckets.authorise(PROJECT, "testBucket"))

        again = await records.change(lambda tx: tx.buckets.add(replace(a_bucket(), created_at=NOON + SECOND)))

        assert made == a_bucket()
        assert again == replace(made, authorised=True)

    async def test_names_of_buckets_are_as_given(self, records: Records) -> None:
        await records.change(lambda tx: tx.buckets.add(a_bucket("Logs")))

        assert await records.look(lambda tx: tx.buckets.find(PROJECT, "logs")) is None
        assert await records.look(lambda tx: tx.buckets.find(ELSEWHERE, "Logs")) is None
        assert await records.look(lambda tx: tx.buckets.find(PROJECT, "Logs")) == a_bucket("Logs")

    async def test_buckets_are_listed_by_name(self, records: Records) -> None:
        def add(tx: Tx) -> None:
            for name in ("b", "a", "B"):
                tx.buckets.add(a_bucket(name))
            tx.buckets.add(replace(a_bucket("c"), project_id=ELSEWHERE))

        await records.change(add)

        assert [bucket.name for bucket in await records.look(lambda tx: tx.buckets.list(PROJECT))] == ["B", "a", "b"]

    async def test_authorising_touches_one_bucket(self, records: Records) -> None:
        def add(tx: Tx) -> None:
            tx.buckets.add(a_bucket())
            tx.buckets.add(replace(a_bucket(), project_id=ELSEWHERE))
            tx.buckets.authorise(PROJECT, "testBucket")
            tx.buckets.authorise(PROJECT, "nothing")

        await records.change(add)

        theirs = await records.look(lambda tx: tx.buckets.find(ELSEWHERE, "testBucket"))
        assert theirs == replace(a_bucket(), project_id=ELSEWHERE)

    async def test_where_buckets_lie_is_kept_and_listed_of_every_project(self, records: Records) -> None:
        mapped = replace(a_bucket("a"), location=Location("orders", "logs/a"))
        theirs = replace(a_bucket("a"), project_id=ELSEWHERE, location=Location("orders"))

        def add(tx: Tx) -> None:
            for bucket in (theirs, mapped, a_bucket("b")):
                tx.buckets.add(bucket)

        await records.change(add)

        found = await records.look(lambda tx: tx.buckets.mapped())
        assert list(found) == sorted([mapped, theirs], key=lambda bucket: bucket.project_id)
        assert await records.look(lambda tx: tx.buckets.find(PROJECT, "a")) == mapped

    async def test_deleting_a_bucket_says_whether_there_was_one(self, records: Records) -> None:
        await records.change(lambda tx: tx.buckets.add(a_bucket()))

        assert not await records.change(lambda tx: tx.buckets.delete(ELSEWHERE, "testBucket"))
        assert await records.change(lambda tx: tx.buckets.delete(PROJECT, "testBucket"))
        assert not await records.change(lambda tx: tx.buckets.delete(PROJECT, "testBucket"))


class LogCursorsSuite:
    """How far the logs of runs are shipped."""

    async def test_a_cursor_is_kept_and_moved(self, records: Records) -> None:
        run = await records.change(_add_run)
        cursor = LogCursor(run=run, file="jobmanager.log", incarnation="1-2", begins=2**40, shipped=0)

        moved = [replace(cursor, shipped=1), replace(cursor, shipped=2**40, whole=True)]
        for one in moved:
            await records.change(lambda tx, to: tx.log_cursors.save(to), one)

        assert await records.look(lambda tx: tx.log_cursors.of_run(run)) == moved[1:]
        assert await records.look(lambda tx: tx.log_cursors.of_run(RunId("f" * 24))) == []

    async def test_the_cursors_of_a_run_are_forgotten_together(self, records: Records) -> None:
        run = await records.change(_add_run)

        def save(tx: Tx) -> None:
            for file in ("jobmanager.log", "taskmanager-1.log"):
                tx.log_cursors.save(LogCursor(run=run, file=file, incarnation="1", begins=0, shipped=1))

        await records.change(save)
        await records.change(lambda tx: tx.log_cursors.forget(run))

        assert await records.look(lambda tx: tx.log_cursors.of_run(run)) == []

    async def test_that_the_logs_of_a_run_are_shipped_is_kept(self, records: Records) -> None:
        run = await records.change(_add_run)

        def ship(tx: Tx) -> None:
            [job] = [job for job in tx.jobs.with_live_runs("here") if job.run and job.run.id == run]
            assert job.run is not None
            tx.jobs.save(replace(job, run=replace(job.run, logs_shipped_at=NOON + SECOND)))

        await records.change(ship)

        [job] = await records.look(lambda tx: tx.jobs.with_live_runs("here"))
        assert job.run is not None
        assert job.run.logs_shipped_at == NOON + SECOND


class SubmitLogsSuite:
    """What refused submissions leave."""

    async def test_what_is_due_comes_oldest_first_until_it_is_forgotten(self, records: Records) -> None:
        late, early = await records.change(_add_submit_logs)

        due = await records.look(lambda tx: tx.submit_logs.due())
        forgotten = [await records.change(lambda tx: tx.submit_logs.forget(early)) for _ in range(2)]

        assert list(due) == [early, late]
        assert forgotten == [True, False]
        assert list(await records.look(lambda tx: tx.submit_logs.due())) == [late]


def _add_submit_logs(tx: Tx) -> tuple[SubmitLog, SubmitLog]:
    """Two of the same job."""
    job = stored(tx, a_job(state=State.LAUNCH_FAILED))
    early = SubmitLog(
        job_id=job.id,
        version=3,
        project_id=PROJECT,
        bucket="Logs",
        key=f"jobs/logs/{job.id}_日志/submit.log",
        text="why\n",
        refused_at=NOON,
    )
    late = replace(early, version=2, refused_at=NOON + SECOND)
    tx.submit_logs.add(late)
    tx.submit_logs.add(early)
    return late, early


def _add_run(tx: Tx) -> RunId:
    job = stored(tx, a_job(state=State.RUNNING))
    assert job.run is not None
    return job.run.id
