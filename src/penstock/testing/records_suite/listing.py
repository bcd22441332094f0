"""Lists, counts and orders of jobs."""

from dataclasses import replace

import pytest

from penstock.domain.lifecycle import ALIVE, SETTLED, State
from penstock.domain.run import JobId
from penstock.ports.records import JobFilter, Records, Tx
from penstock.testing.builders import (
    PROJECT,
    a_job,
    a_spec,
)
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import ELSEWHERE, SECOND, ids, put


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
