"""Running and stopping jobs: what was asked for is written down, the bell is rung, and the controllers do the rest."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from penstock.domain.errors import CallerError, Invalid, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.job import Job
from penstock.domain.lifecycle import News, State
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId
from penstock.domain.run_sheet import Beginning, RunSheet
from penstock.ports.bell import CONTROL, Ear, job_topic
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.finding import found_in, patiently
from penstock.usecases.readiness import Survey, demand_unchanged, sheet_of, survey
from penstock.usecases.savepoints import ask, beginning_from, demand_savepoint

# Running such a job again is a success that changes nothing (dli-contract rule 4).
_UNDER_WAY = frozenset({State.QUEUED, State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.RESTARTING})
_NOT_YET = frozenset({State.QUEUED, State.LAUNCHING, State.RESTARTING})
_LOOK_EVERY = 1.0  # seconds; a ring may be missed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the wish for one job of several."""

    job_id: JobId
    refused: CallerError | None = None


async def run_jobs(desk: Desk, errand: Errand, job_ids: Sequence[JobId], *, resume: bool = False) -> list[Outcome]:
    """Each job by itself, in the order given, from its newest savepoint if it is to `resume`; never waits for Flink.

    Raises Invalid if the request itself is wrong.
    """
    return await each(job_ids, lambda job_id: patiently(lambda: _run(desk, errand, job_id, resume=resume)))


async def stop_jobs(desk: Desk, errand: Errand, job_ids: Sequence[JobId], *, savepoint: bool = False) -> list[Outcome]:
    """Each job by itself, in the order given, with a `savepoint` if one is wanted: then it runs on if Flink can make none.

    Raises Invalid if the request itself is wrong.
    """
    stop = _stop_with_savepoint if savepoint else _stop
    outcomes = await each(job_ids, lambda job_id: patiently(lambda: desk.records.change(stop, desk, errand, job_id)))
    desk.bell.ring(CONTROL)
    return outcomes


async def each(job_ids: Sequence[JobId], wish: Callable[[JobId], Awaitable[object]]) -> list[Outcome]:
    """The wish for each job, once even if it is named twice; one refusal does not spoil the rest."""
    if not job_ids:
        raise Invalid([Fault.at("job_ids", FaultCode.JOB_IDS_EMPTY)])
    outcomes = {}
    for job_id in dict.fromkeys(job_ids):
        try:
            await wish(job_id)
            outcomes[job_id] = Outcome(job_id)
        except CallerError as error:
            outcomes[job_id] = Outcome(job_id, error)
    return [outcomes[job_id] for job_id in job_ids]


def queue_up(tx: Tx, errand: Errand, job: Job, sheet: RunSheet, desk: Desk) -> Job:
    """From here on the controllers see it; what it runs is fixed."""
    tx.sheets.add(job.id, sheet)
    job = replace(job, sheet_id=sheet.id)
    reason = Reason.of(ReasonCode.QUEUED)
    if sheet.beginning is Beginning.SAVEPOINT:
        reason = Reason.of(ReasonCode.QUEUED_FROM_SAVEPOINT, path=sheet.state_path)
    moved, fact = job.hear(News.RUN_ASKED, desk.clock.now(), reason, errand.request_id)
    saved = tx.jobs.save(moved)
    tx.history.add(fact)
    return saved


async def settled(desk: Desk, job: Job) -> Job:
    """The job once it runs or has ended, else as it is when the wait is over.

    The ear is there before the first look, so a change after that look is heard.
    """
    async with desk.bell.listen(job_topic(job.id)) as ear:
        left = desk.create_wait.total_seconds()
        job = await desk.records.look(_load, job.id)
        while left > 0 and job.state in _NOT_YET and job.deleted_at is None:
            left -= await _waited(desk, ear, min(left, _LOOK_EVERY))
            job = await desk.records.look(_load, job.id)
    return job


async def _run(desk: Desk, errand: Errand, job_id: JobId, *, resume: bool) -> None:
    job = await desk.records.look(found_in, errand, job_id)
    if job.state in _UNDER_WAY:
        return
    job.hear(News.RUN_ASKED, desk.clock.now(), Reason.of(ReasonCode.QUEUED))  # raises NotNow before more is looked up
    found = await survey(desk, errand, job.spec)
    if faults := [*found.obstacles, *found.faults]:
        raise Invalid(faults)
    sheet = sheet_of(desk, job.spec, found)
    if resume:
        sheet = beginning_from(sheet, demand_savepoint(job, sheet.place))
    await desk.records.change(_run_again, desk, errand, job, found, sheet)
    desk.bell.ring(CONTROL)


def _run_again(tx: Tx, desk: Desk, errand: Errand, seen: Job, found: Survey, sheet: RunSheet) -> None:
    job = found_in(tx, errand, seen.id)
    if job.version != seen.version:
        raise StaleWrite("The job was changed while its packages were looked up.")
    demand_unchanged(tx, errand, job.spec, found.material)
    queue_up(tx, errand, job, sheet, desk)


def _stop(tx: Tx, desk: Desk, errand: Errand, job_id: JobId) -> None:
    job = found_in(tx, errand, job_id)
    moved, fact = job.hear(News.STOP_ASKED, desk.clock.now(), Reason.of(ReasonCode.STOP_ASKED), errand.request_id)
    tx.jobs.save(moved)
    tx.history.add(fact)


def _stop_with_savepoint(tx: Tx, desk: Desk, errand: Errand, job_id: JobId) -> None:
    ask(tx, desk, errand, job_id, stops_job=True)


def _load(tx: Tx, job_id: JobId) -> Job:
    return tx.jobs.load(job_id)


async def _waited(desk: Desk, ear: Ear, seconds: float) -> float:
    """How long it was; an ear that heard nothing waited to the end."""
    began = desk.clock.monotonic()
    return desk.clock.monotonic() - began if await ear.wait(seconds) else seconds
