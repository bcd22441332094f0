"""What every adapter of `ports.records` promises, as tests; an adapter's tests inherit the classes' sum, RecordsSuite.

They need a fixture `records`: empty records, made anew for each test. What the port says is tested here and nowhere
else; what only one adapter has (threads, files, constraints) is tested beside it. The file is long because the port is
wide: split by noun, its parts would share every builder.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from penstock.domain.caller import Account, AccountId, Key, Project, ProjectId, Token, User, UserId
from penstock.domain.errors import AlreadyExists, LeaseLost, NotFound, StaleWrite
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.lifecycle import ALIVE, SETTLED, State
from penstock.domain.package import PackageKind, PackageName
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId
from penstock.domain.run_sheet import Beginning, SheetId
from penstock.ports.records import JobFilter, Lease, Records, Tx
from penstock.testing.builders import (
    PLACE,
    PROJECT,
    a_fact,
    a_job,
    a_new_job,
    a_package,
    a_part,
    a_queue_spec,
    a_run,
    a_run_id,
    a_savepoint,
    a_sheet,
    a_spec,
    stored,
)
from penstock.testing.clock import NOON

ELSEWHERE = ProjectId("e" * 32)
SECOND = timedelta(seconds=1)


async def put(records: Records, *jobs: Job) -> list[Job]:
    """The jobs as they are kept, in the order given; names are made different where they are not."""

    def put_all(tx: Tx) -> list[Job]:
        return [stored(tx, _renamed(job, number)) for number, job in enumerate(jobs)]

    return await records.change(put_all)


def ids(jobs: Sequence[Job]) -> list[int]:
    return [job.id for job in jobs]


def _renamed(job: Job, number: int) -> Job:
    return replace(job, spec=replace(job.spec, name=f"job-{number}")) if job.spec.name == "test" else job


class UnitOfWorkSuite:
    """Transactions, versions and facts."""

    async def test_a_change_answers_what_its_function_returns(self, records: Records) -> None:
        def both(tx: Tx, first: int, *, second: int) -> tuple[int, int]:
            return first, second

        assert await records.change(both, 1, second=2) == (1, 2)
        assert await records.look(both, 1, second=2) == (1, 2)

    async def test_a_change_that_raises_leaves_nothing_behind(self, records: Records) -> None:
        def add_and_fail(tx: Tx) -> None:
            job = tx.jobs.add(a_new_job("half"))
            tx.history.add(a_fact(job))
            tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON)
            raise RuntimeError("half-way")

        with pytest.raises(RuntimeError, match="half-way"):
            await records.change(add_and_fail)

        assert await records.look(lambda tx: tx.jobs.named(PROJECT, "half")) is None
        assert await records.look(lambda tx: tx.queues.all()) == []

    async def test_changes_at_once_are_one_after_another(self, records: Records) -> None:
        [job] = await put(records, a_job())

        def count_one(tx: Tx) -> None:
            kept = tx.jobs.load(job.id)
            tx.jobs.save(replace(kept, restart_times=kept.restart_times + 1))

        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(records.change(count_one))

        assert (await records.look(lambda tx: tx.jobs.load(job.id))).restart_times == 50

    async def test_of_fifty_creates_of_one_name_one_succeeds(self, records: Records) -> None:
        async def create() -> int:
            try:
                await records.change(lambda tx: tx.jobs.add(a_new_job("wanted")))
            except AlreadyExists:
                return 0
            return 1

        assert sum(await asyncio.gather(*(create() for _ in range(50)))) == 1

    async def test_a_look_beside_changes_sees_whole_transactions(self, records: Records) -> None:
        def add_two(tx: Tx, number: int) -> None:
            tx.jobs.add(a_new_job(f"a-{number}"))
            tx.jobs.add(a_new_job(f"b-{number}"))

        async def look() -> int:
            return await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter()).total)

        changes = [records.change(add_two, number) for number in range(20)]
        seen = await asyncio.gather(*(look() for _ in range(20)), *changes)

        assert all(total % 2 == 0 for total in seen[:20] if total is not None)
        assert await look() == 40

    async def test_facts_are_handed_on_after_the_commit(self, records: Records) -> None:
        heard: list[Fact] = []
        records.on_facts(heard.extend)

        def add_one(tx: Tx) -> Fact:
            fact = a_fact(tx.jobs.add(a_new_job()))
            tx.history.add(fact)
            assert heard == []
            return fact

        fact = await records.change(add_one)

        assert heard == [fact]

    async def test_every_listener_hears_every_fact_once(self, records: Records) -> None:
        heard: list[list[Fact]] = [[], []]
        records.on_facts(heard[0].extend)
        records.on_facts(heard[1].extend)
        [job] = await put(records, a_job())

        def tell_two(tx: Tx) -> None:
            tx.history.add(a_fact(job, "first"))
            tx.history.add(a_fact(job, "second"))

        await records.change(tell_two)

        assert [[fact.what for fact in facts] for facts in heard] == [["first", "second"]] * 2

    async def test_facts_of_a_failed_change_are_not_handed_on(self, records: Records) -> None:
        heard: list[Fact] = []
        records.on_facts(heard.extend)

        def fail(tx: Tx) -> None:
            tx.history.add(a_fact(tx.jobs.add(a_new_job())))
            raise StaleWrite

        with pytest.raises(StaleWrite):
            await records.change(fail)
        await records.change(lambda tx: tx.notes.settle("another", "change"))

        assert heard == []


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


class ListingSuite:
    """Lists, counts and orders of jobs."""

    async def test_jobs_are_listed_newest_first_and_in_pages(self, records: Records) -> None:
        await put(records, *(a_job() for _ in range(5)), a_job(project_id=ELSEWHERE), a_job(deleted_at=NOON))

        async def page(**wanted: object) -> tuple[int, list[int]]:
            found = await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter(**wanted)))  # type: ignore[arg-type] # the test spells it out
            return found.total, ids(found.jobs)

        assert await page() == (5, [5, 4, 3, 2, 1])
        assert await page(limit=2) == (5, [5, 4])
        assert await page(limit=2, offset=4) == (5, [1])
        assert await page(offset=10**30) == (5, [])
        assert await page(newest_first=False, limit=2, offset=1) == (5, [2, 3])

    async def test_jobs_are_listed_by_state(self, records: Records) -> None:
        _, second, third = await put(
            records,
            a_job(),
            a_job(id=JobId(2), state=State.RUNNING),
            a_job(id=JobId(3), state=State.STOPPED),
        )
        wanted = JobFilter(states=[State.RUNNING, State.STOPPED])

        assert (await records.look(lambda tx: tx.jobs.list(PROJECT, wanted))).jobs == (third, second)

    async def test_jobs_are_listed_by_queue_in_any_case(self, records: Records) -> None:
        first, _ = await put(records, a_job(spec=a_spec(queue_name="testQueue")), a_job(spec=a_spec(queue_name="q")))

        page = await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter(queue_name="TESTqUEUE")))

        assert page.jobs == (first,)

    @pytest.mark.parametrize(
        ("part", "found"),
        [("my", 3), ("y_j", 1), ("_", 2), ("%", 0), ("My", 0), ("my_job", 1), ("作", 1), ("\\", 0), ("'", 0)],
    )
    async def test_jobs_are_listed_by_a_part_of_the_name(self, records: Records, part: str, found: int) -> None:
        names = ("my_job", "my-job", "my作_业")
        await put(records, *(a_job(spec=a_spec(name=name)) for name in names))

        assert (await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter(name=part)))).total == found

    async def test_jobs_are_listed_by_user(self, records: Records) -> None:
        _, second = await put(records, a_job(), a_job(user_name="other"))

        assert (await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter(user_name="other")))).jobs == (second,)

    async def test_jobs_are_listed_by_all_of_the_tags(self, records: Records) -> None:
        both, _ = await put(
            records,
            a_job(spec=a_spec(tags=(("env", "test"), ("team", "a")))),
            a_job(spec=a_spec(tags=(("env", "test"), ("team", "b")))),
        )
        wanted = JobFilter(tags=(("env", "test"), ("team", "a")))

        assert (await records.look(lambda tx: tx.jobs.list(PROJECT, wanted))).jobs == (both,)
        assert (await records.look(lambda tx: tx.jobs.list(PROJECT, JobFilter(tags=(("env", ""),))))).total == 0

    async def test_changed_tags_are_what_lists_go_by(self, records: Records) -> None:
        [job] = await put(records, a_job(spec=a_spec(tags=(("a", "1"),))))
        await records.change(lambda tx: tx.jobs.save(replace(job, spec=a_spec(name="n", tags=(("b", "2"),)))))

        def found(tx: Tx) -> list[int]:
            return [tx.jobs.list(PROJECT, JobFilter(tags=(tag,))).total for tag in (("a", "1"), ("b", "2"))]

        assert await records.look(found) == [0, 1]

    async def test_drafts_are_counted_by_project(self, records: Records) -> None:
        await put(
            records,
            a_job(),
            a_job(),
            a_job(deleted_at=NOON),
            a_job(project_id=ELSEWHERE),
            a_job(id=JobId(5), state=State.QUEUED),
        )

        assert await records.look(lambda tx: tx.jobs.count_drafts(PROJECT)) == 2

    async def test_waiting_jobs_come_in_the_order_they_were_asked_for(self, records: Records) -> None:
        asked = [NOON + 2 * SECOND, NOON, NOON + SECOND, NOON]
        jobs = [a_job(id=JobId(n), state=State.QUEUED, run_asked_at=time) for n, time in enumerate(asked, start=1)]
        jobs[3] = replace(jobs[3], project_id=ELSEWHERE)
        await put(records, *jobs, a_job(id=JobId(5), state=State.QUEUED, deleted_at=NOON), a_job())

        assert ids(await records.look(lambda tx: tx.jobs.waiting())) == [2, 4, 3, 1]

    async def test_restarting_jobs_are_listed(self, records: Records) -> None:
        await put(
            records,
            a_job(id=JobId(1), state=State.RESTARTING),
            a_job(id=JobId(2), state=State.RESTARTING, deleted_at=NOON),
            a_job(id=JobId(3), state=State.QUEUED),
        )

        assert ids(await records.look(lambda tx: tx.jobs.restarting())) == [1]

    @pytest.mark.parametrize("state", list(State))
    async def test_unsettled_jobs_on_a_queue_are_counted(self, records: Records, state: State) -> None:
        await put(
            records,
            a_job(id=JobId(1), state=state),
            a_job(id=JobId(2), state=state, spec=a_spec(queue_name="other")),
            a_job(id=JobId(3), state=state, project_id=ELSEWHERE),
            a_job(id=JobId(4), state=state, deleted_at=NOON),
        )
        unsettled = state in ALIVE | {State.QUEUED, State.RESTARTING}

        assert await records.look(lambda tx: tx.jobs.unsettled_on(PROJECT, "TESTqueue")) == int(unsettled)

    async def test_jobs_are_counted_by_state(self, records: Records) -> None:
        assert await records.look(lambda tx: dict(tx.jobs.count_by_state())) == {}
        settled = [a_job(id=JobId(n), state=state) for n, state in enumerate(sorted(SETTLED), start=1)]
        await put(records, *settled, a_job(), a_job(project_id=ELSEWHERE), a_job(deleted_at=NOON))

        counted = await records.look(lambda tx: dict(tx.jobs.count_by_state()))

        assert counted == dict.fromkeys(SETTLED, 1) | {State.DRAFT: 2}


class SheetsAndHistorySuite:
    """What is written once."""

    async def test_a_sheet_is_kept_as_it_was_added(self, records: Records) -> None:
        [job] = await put(records, a_job())
        sheet = a_sheet(
            spec=a_spec(tags=(("k", "v"),), dependency_jars=("a.jar",)),
            arguments=("--x", "a b", ""),
            jars=(a_part("a.jar", "b"), a_part("g/a.jar", "c")),
            files=(a_part("数据.csv", "d"),),
            beginning=Beginning.SAVEPOINT,
            state_path="/somewhere/sp",
        )

        await records.change(lambda tx: tx.sheets.add(job.id, sheet))

        assert await records.look(lambda tx: tx.sheets.load(sheet.id)) == sheet

    async def test_an_unknown_sheet_is_not_found(self, records: Records) -> None:
        with pytest.raises(NotFound):
            await records.look(lambda tx: tx.sheets.load(SheetId("nowhere")))

    async def test_history_is_told_oldest_first_and_in_pages(self, records: Records) -> None:
        job, other = await put(records, a_job(state=State.RUNNING), a_job())
        facts = [replace(a_fact(job, f"fact-{n}", NOON), request_id=f"r{n}") for n in range(4)]

        def tell(tx: Tx) -> None:
            for fact in facts:
                tx.history.add(fact)
            tx.history.add(a_fact(other))

        await records.change(tell)

        assert await records.look(lambda tx: tx.history.of_job(job.id)) == facts
        assert await records.look(lambda tx: tx.history.of_job(job.id, limit=2, offset=1)) == facts[1:3]

    async def test_the_history_of_a_deleted_job_stays(self, records: Records) -> None:
        [job] = await put(records, a_job(deleted_at=NOON))
        await records.change(lambda tx: tx.history.add(a_fact(job)))

        assert await records.look(lambda tx: tx.history.of_job(job.id)) == [a_fact(job)]


class QueuesSuite:
    """Queues by project and lower-case name."""

    async def test_a_queue_is_found_in_any_case(self, records: Records) -> None:
        spec = a_queue_spec(name="testQueue", labels=("a", "b"), description="说明")

        queue = await records.change(lambda tx: tx.queues.add(PROJECT, spec, "someone", NOON))

        assert queue.spec == replace(spec, name="testqueue")
        assert (queue.owner, queue.created_at) == ("someone", NOON)
        assert await records.look(lambda tx: tx.queues.find(PROJECT, "TESTQUEUE")) == queue
        assert await records.look(lambda tx: tx.queues.find(ELSEWHERE, "testqueue")) is None

    async def test_a_queue_name_is_taken_in_any_case(self, records: Records) -> None:
        await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(name="one"), "someone", NOON))

        with pytest.raises(AlreadyExists):
            await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(name="ONE"), "someone", NOON))

        await records.change(lambda tx: tx.queues.add(ELSEWHERE, a_queue_spec(name="one"), "someone", NOON))

    async def test_queues_are_listed_by_name(self, records: Records) -> None:
        def add(tx: Tx) -> None:
            for name, project_id in (("b", PROJECT), ("a", PROJECT), ("c", ELSEWHERE)):
                tx.queues.add(project_id, a_queue_spec(name=name), "someone", NOON)

        await records.change(add)

        assert [queue.name for queue in await records.look(lambda tx: tx.queues.list(PROJECT))] == ["a", "b"]
        assert {queue.name for queue in await records.look(lambda tx: tx.queues.all())} == {"a", "b", "c"}

    async def test_a_deleted_queue_is_gone_and_its_name_free(self, records: Records) -> None:
        queue = await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON))

        await records.change(lambda tx: tx.queues.delete(queue))

        assert await records.look(lambda tx: tx.queues.list(PROJECT)) == []
        again = await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON))
        assert again.id != queue.id
        await records.change(lambda tx: tx.queues.delete(queue))
        assert await records.look(lambda tx: tx.queues.list(PROJECT)) == [again]


class PackagesSuite:
    """Packages by project, group and name."""

    async def test_a_package_is_kept_as_it_was_put(self, records: Records) -> None:
        package = a_package("myGroup/数据 1.csv", kind=PackageKind.FILE, size=2**40)

        assert await records.change(lambda tx: tx.packages.put(package)) == package

        assert await records.look(lambda tx: tx.packages.find(PROJECT, package.name)) == package
        assert await records.look(lambda tx: tx.packages.find(ELSEWHERE, package.name)) is None
        assert await records.look(lambda tx: tx.packages.find(PROJECT, PackageName("", "数据 1.csv"))) is None

    async def test_putting_again_points_the_name_at_new_content(self, records: Records) -> None:
        await records.change(lambda tx: tx.packages.put(a_package()))
        newer = a_package(sha256="b" * 64, size=2, owner="other", created_at=NOON + SECOND, updated_at=NOON + SECOND)

        kept = await records.change(lambda tx: tx.packages.put(newer))

        assert kept == replace(newer, created_at=NOON)
        assert await records.look(lambda tx: tx.packages.list(PROJECT)) == [kept]

    async def test_packages_are_listed_by_group_and_name(self, records: Records) -> None:
        def put_all(tx: Tx) -> None:
            for name in ("b/a.jar", "z.jar", "a/b.jar", "a/a.jar"):
                tx.packages.put(a_package(name))
            tx.packages.put(a_package("a/c.csv", kind=PackageKind.FILE))
            tx.packages.put(a_package("elsewhere.jar", project_id=ELSEWHERE))

        await records.change(put_all)

        everything = await records.look(lambda tx: tx.packages.list(PROJECT))
        assert [str(package.name) for package in everything] == ["z.jar", "a/a.jar", "a/b.jar", "a/c.csv", "b/a.jar"]
        files = await records.look(lambda tx: tx.packages.list(PROJECT, PackageKind.FILE))
        assert [str(package.name) for package in files] == ["a/c.csv"]

    async def test_deleting_says_whether_there_was_one(self, records: Records) -> None:
        await records.change(lambda tx: tx.packages.put(a_package("g/a.jar")))
        name = PackageName("g", "a.jar")

        assert not await records.change(lambda tx: tx.packages.delete(ELSEWHERE, name))
        assert await records.change(lambda tx: tx.packages.delete(PROJECT, name))
        assert not await records.change(lambda tx: tx.packages.delete(PROJECT, name))

    async def test_contents_named_by_packages_or_sheets_are_known(self, records: Records) -> None:
        def name_some(tx: Tx) -> None:
            job = tx.jobs.add(a_new_job())
            tx.packages.put(a_package(sha256="1" * 64))
            tx.packages.put(a_package("gone.jar", sha256="2" * 64))
            tx.packages.delete(PROJECT, PackageName("", "gone.jar"))
            tx.sheets.add(job.id, a_sheet(entrypoint=a_part("e.jar", "3"), jars=(a_part("j.jar", "4"),)))

        await records.change(name_some)

        assert await records.look(lambda tx: tx.packages.named_blobs()) == {"1" * 64, "3" * 64, "4" * 64}


class CallersSuite:
    """Accounts, projects, users, keys and tokens."""

    account = Account(id=AccountId("a"), name="account")
    project = Project(id=PROJECT, account_id=AccountId("a"), name="region-1")
    person = User(id=UserId("u"), account_id=AccountId("a"), name="operator", is_operator=True)

    def meet(self, tx: Tx) -> None:
        tx.callers.add_account(self.account)
        tx.callers.add_project(self.project)
        tx.callers.add_project(replace(self.project, id=ELSEWHERE, name="region-0"))
        tx.callers.add_user(self.person)

    async def test_records_are_empty_until_somebody_is_known(self, records: Records) -> None:
        assert await records.look(lambda tx: tx.callers.is_empty())

        await records.change(self.meet)

        assert not await records.look(lambda tx: tx.callers.is_empty())

    async def test_callers_are_kept_as_they_were_added(self, records: Records) -> None:
        await records.change(self.meet)

        assert await records.look(lambda tx: tx.callers.user(self.person.id)) == self.person
        assert await records.look(lambda tx: tx.callers.user(UserId("?"))) is None
        assert await records.look(lambda tx: tx.callers.project(PROJECT)) == self.project
        assert await records.look(lambda tx: tx.callers.project(ProjectId("?"))) is None
        owned = await records.look(lambda tx: tx.callers.projects_of(self.account.id))
        assert [project.name for project in owned] == ["region-0", "region-1"]

    async def test_keys_are_found_by_name_and_by_user(self, records: Records) -> None:
        key = Key(access="AK", sealed_secret=b"\x00\xff", user_id=self.person.id, created_at=NOON)
        older = replace(key, access="ZK", created_at=NOON - SECOND)

        def add(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.add_key(key)
            tx.callers.add_key(older)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.key("AK")) == key
        assert await records.look(lambda tx: tx.callers.key("ak")) is None
        assert await records.look(lambda tx: tx.callers.keys_of(self.person.id)) == [older, key]

    async def test_expired_tokens_are_forgotten(self, records: Records) -> None:
        fresh = Token(
            hash="f" * 64, user_id=self.person.id, project_id=PROJECT, issued_at=NOON, expires_at=NOON + SECOND
        )
        expired = replace(fresh, hash="e" * 64, expires_at=NOON - SECOND)

        def add(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.add_token(fresh)
            tx.callers.add_token(expired)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.token(expired.hash)) == expired
        assert await records.change(lambda tx: tx.callers.forget_tokens(NOON)) == 1
        assert await records.look(lambda tx: tx.callers.token(expired.hash)) is None
        assert await records.look(lambda tx: tx.callers.token(fresh.hash)) == fresh


class LeasesAndNotesSuite:
    """Who may act, and what is settled once."""

    async def take(self, records: Records, holder: str, after: timedelta = timedelta()) -> Lease | None:
        return await records.change(lambda tx: tx.leases.take("here", holder, NOON + after, SECOND))

    async def test_a_lease_has_one_holder(self, records: Records) -> None:
        first = await self.take(records, "a")

        assert first == Lease(name="here", holder="a", epoch=1, until=NOON + SECOND)
        assert await self.take(records, "b") is None
        assert await records.change(lambda tx: tx.leases.take("there", "b", NOON, SECOND)) is not None

    async def test_its_holder_makes_it_longer_in_the_same_epoch(self, records: Records) -> None:
        await self.take(records, "a")

        longer = await self.take(records, "a", SECOND / 2)

        assert longer == Lease(name="here", holder="a", epoch=1, until=NOON + SECOND * 1.5)

    async def test_another_takes_it_when_its_time_is_over(self, records: Records) -> None:
        first = await self.take(records, "a")
        assert first

        second = await self.take(records, "b", SECOND)

        assert second
        assert (second.holder, second.epoch) == ("b", first.epoch + 1)
        await records.change(lambda tx: tx.leases.demand(second))
        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(first))

    async def test_an_old_epoch_of_the_same_holder_is_lost(self, records: Records) -> None:
        first = await self.take(records, "a")
        assert first
        await self.take(records, "b", SECOND)
        third = await self.take(records, "a", SECOND * 3)
        assert third

        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(first))
        await records.change(lambda tx: tx.leases.demand(third))
        assert third.epoch == 3

    async def test_a_lease_that_was_never_taken_is_lost(self, records: Records) -> None:
        never = Lease(name="here", holder="a", epoch=1, until=NOON)

        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(never))

    async def test_a_lease_given_up_is_free_at_once_and_its_epochs_grow(self, records: Records) -> None:
        first = await self.take(records, "a")
        assert first

        await records.change(lambda tx: tx.leases.give_up(first))

        with pytest.raises(LeaseLost):
            await records.change(lambda tx: tx.leases.demand(first))
        second = await self.take(records, "b")
        assert second
        assert second.epoch == 2
        await records.change(lambda tx: tx.leases.give_up(first))
        await records.change(lambda tx: tx.leases.demand(second))

    async def test_a_note_is_written_once(self, records: Records) -> None:
        assert await records.change(lambda tx: tx.notes.settle("installation", "one")) == "one"
        assert await records.change(lambda tx: tx.notes.settle("installation", "two")) == "one"
        assert await records.change(lambda tx: tx.notes.settle("another", "two")) == "two"


class RecordsSuite(
    UnitOfWorkSuite,
    JobsSuite,
    RunsSuite,
    ListingSuite,
    SheetsAndHistorySuite,
    QueuesSuite,
    PackagesSuite,
    CallersSuite,
    LeasesAndNotesSuite,
):
    """All of it."""
