"""Making, finding, explaining and deleting jobs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from penstock.domain.errors import AlreadyExists, Invalid, NotFound, PlaceElsewhere, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.package import PACKAGE_LACKS
from penstock.domain.queue import Queue
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import JobId, Run
from penstock.domain.spec import JobSpec, faults_of
from penstock.domain.warning import JobWarning
from penstock.ports.bell import CONTROL
from penstock.ports.engine import Engine
from penstock.ports.records import JobFilter, JobPage, NewJob, Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.finding import found_in, patiently
from penstock.usecases.queues import used_cus
from penstock.usecases.readiness import SIZES, Survey, demand_unchanged, sheet_of, survey, warnings_of
from penstock.usecases.running import Outcome, each, queue_up, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A job with what its state depends on; `used_cus` are those of its queue that are taken."""

    job: Job
    queue: Queue | None
    used_cus: int
    warnings: tuple[JobWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`next` is the offset of the following page, or None."""

    facts: tuple[Fact, ...]
    next: int | None


async def create(desk: Desk, errand: Errand, spec: JobSpec, known: Sequence[Fault] = ()) -> Job:
    """A job, started if it can run and the service does so; the answer is what is true after a bounded wait.

    `known` are faults that were found before there was a spec. Raises Invalid with every fault at once, or AlreadyExists
    if the name is the only one. A caller who hangs up changes nothing.
    """
    job = await patiently(lambda: _create(desk, errand, spec, known))
    if job.sheet_id is None:
        return job
    desk.bell.ring(CONTROL)
    return await settled(desk, job)


async def show(desk: Desk, errand: Errand, job_id: JobId) -> Job:
    """Raises NotFound."""
    return await desk.records.look(found_in, errand, job_id)


async def list_jobs(desk: Desk, errand: Errand, wanted: JobFilter) -> JobPage:
    return await desk.records.look(_list, errand, wanted)


async def delete(desk: Desk, errand: Errand, job_id: JobId) -> None:
    """In any state: hidden from now on, its name free; the controllers discard what runs. Raises NotFound."""
    await patiently(lambda: desk.records.change(_delete, desk, errand, job_id))
    desk.bell.ring(CONTROL)


async def delete_jobs(desk: Desk, errand: Errand, job_ids: Sequence[JobId]) -> list[Outcome]:
    """Each job by itself. Raises Invalid if none is named."""
    return await each(job_ids, lambda job_id: delete(desk, errand, job_id))


async def explain(desk: Desk, errand: Errand, job_id: JobId) -> Explanation:
    """Raises NotFound."""
    found = await desk.records.look(_explain, errand, job_id)
    return replace(found, warnings=await warnings_of(desk, errand, found.job))


async def history(desk: Desk, errand: Errand, job_id: JobId, *, limit: int, offset: int) -> HistoryPage:
    """Oldest first. Raises NotFound."""
    facts = await desk.records.look(_history, errand, job_id, limit + 1, offset)
    return HistoryPage(tuple(facts[:limit]), offset + limit if len(facts) > limit else None)


async def graph(desk: Desk, errand: Errand, job_id: JobId) -> Mapping[str, object]:
    """Flink's own document of the job. Raises NotFound where Flink has none, PlaceElsewhere where only another
    service can ask it."""
    job = await show(desk, errand, job_id)
    engine = _engine_of(desk, job.live_run) if job.live_run else None
    found = await engine.graph(job.live_run.id) if engine and job.live_run else None
    if found is None:
        raise NotFound([Fault.at("job_id", FaultCode.GRAPH_MISSING, job=job_id)])
    return found


def _engine_of(desk: Desk, run: Run) -> Engine | None:
    engine = desk.places.engine(run.place)
    if engine is None and run.place in desk.places:
        raise PlaceElsewhere(f"Only another service can reach the place {run.place}.")
    return engine


def beside(known: Sequence[Fault], more: Iterable[Fault]) -> list[Fault]:
    """Those that do not only echo what is known of their field; each package is named for itself."""
    paths = {fault.path for fault in known}
    paths |= {"cu_number"} if paths & SIZES else set()
    return [fault for fault in more if fault.code in PACKAGE_LACKS or fault.path not in paths]


def searchable(spec: JobSpec, faults: Sequence[Fault]) -> JobSpec:
    """Without the texts that no database should be asked for."""
    unclean = {fault.path for fault in faults if fault.code is FaultCode.CONTROL_CHARACTERS}

    def clean(field: str, text: str) -> str:
        return "" if field in unclean else text

    return replace(
        spec,
        queue_name=clean("queue_name", spec.queue_name),
        entrypoint=clean("entrypoint", spec.entrypoint),
        main_class=clean("main_class", spec.main_class),
    )


def draft_reason(spec: JobSpec) -> Reason:
    """What a draft waits for."""
    missing = [field for field in ("queue_name", "entrypoint") if not getattr(spec, field)]
    return Reason.of(ReasonCode.DRAFT, missing=", ".join(missing or ["run"]))


async def _create(desk: Desk, errand: Errand, spec: JobSpec, known: Sequence[Fault]) -> Job:
    is_started = desk.create_starts_jobs and spec.can_run
    own = [*known, *beside(known, faults_of(spec))]
    found = await survey(desk, errand, searchable(spec, own))
    faults = [*own, *await desk.records.look(_crowded, desk, errand, spec, own, is_started)]
    faults += beside(own, found.faults)
    faults += beside(own, found.obstacles) if is_started else []
    if faults:
        only_taken = {fault.code for fault in faults} == {FaultCode.NAME_TAKEN}
        raise AlreadyExists(faults) if only_taken else Invalid(faults)
    return await desk.records.change(_store, desk, errand, spec, found if is_started else None)


def _crowded(
    tx: Tx, desk: Desk, errand: Errand, spec: JobSpec, known: Sequence[Fault], is_started: bool
) -> list[Fault]:
    faults = []
    if all(fault.path != "name" for fault in known) and tx.jobs.named(errand.project_id, spec.name):
        faults.append(Fault.at("name", FaultCode.NAME_TAKEN, name=spec.name))
    if not is_started and tx.jobs.count_drafts(errand.project_id) >= desk.drafts_limit:
        faults.append(Fault.at("", FaultCode.DRAFTS_TOO_MANY, limit=desk.drafts_limit))
    return faults


def _store(tx: Tx, desk: Desk, errand: Errand, spec: JobSpec, found: Survey | None) -> Job:
    """The job, what happened, and what it will run, or nothing of it."""
    if _crowded(tx, desk, errand, spec, (), found is not None):
        raise StaleWrite("Another request took the name, or the last free draft, at the same moment.")
    now, user = desk.clock.now(), errand.caller.user
    job = tx.jobs.add(
        NewJob(
            project_id=errand.project_id,
            user_id=user.id,
            user_name=user.name,
            spec=spec,
            reason=draft_reason(spec),
            created_at=now,
        )
    )
    fact = job.note("created", now, Reason.of(ReasonCode.CREATED))
    tx.history.add(replace(fact, request_id=errand.request_id))
    if found is None:
        return job
    demand_unchanged(tx, errand, spec, found.material)
    return queue_up(tx, errand, job, sheet_of(desk, spec, found), desk)


def _list(tx: Tx, errand: Errand, wanted: JobFilter) -> JobPage:
    return tx.jobs.list(errand.project_id, wanted)


def _delete(tx: Tx, desk: Desk, errand: Errand, job_id: JobId) -> None:
    job, fact = found_in(tx, errand, job_id).deleted(desk.clock.now(), errand.request_id)
    tx.jobs.save(job)
    tx.history.add(fact)


def _explain(tx: Tx, errand: Errand, job_id: JobId) -> Explanation:
    job = found_in(tx, errand, job_id)
    queue = tx.queues.find(errand.project_id, job.spec.queue_name) if job.spec.queue_name else None
    return Explanation(job=job, queue=queue, used_cus=used_cus(tx, queue) if queue else 0)


def _history(tx: Tx, errand: Errand, job_id: JobId, limit: int, offset: int) -> Sequence[Fact]:
    found_in(tx, errand, job_id)
    return tx.history.of_job(job_id, limit=limit, offset=offset)
