"""DLI's Flink job calls: create, update, list, show, delete, run, stop, execution graph."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request

from penstock.api.asking import edited_job_id_of, errand_of, job_id_of, language_of, operation_of
from penstock.api.bodies import body_of, query_of, sound_body_of
from penstock.api.errors import dli_error
from penstock.api.messages import Phrase
from penstock.api.oddities import is_failure, milliseconds
from penstock.api.office import office_of
from penstock.api.saying import said
from penstock.api.schemas.documents import asks, takes
from penstock.api.schemas.jobs import (
    CreatedJob,
    DeleteIn,
    JarJobIn,
    JarJobUpdateIn,
    JobDetail,
    ListedJob,
    RunIn,
    StopIn,
)
from penstock.api.schemas.listing import JobsQuery
from penstock.api.schemas.warnings import WarningOut
from penstock.domain.run import JobId
from penstock.ports.records import JobPage
from penstock.usecases import editing, jobs, readiness, running
from penstock.usecases.running import Outcome

router = APIRouter(prefix="/v1.0/{project_id}/streaming", tags=["Flink jobs (DLI)"])

_EMPTY = JobPage(total=0, jobs=())


@router.post("/flink-jobs", summary="Create a Flink jar job", openapi_extra=takes(JarJobIn))
async def create_jar_job(request: Request) -> Any:
    errand = await errand_of(request)
    body, faults = await body_of(request, JarJobIn)
    desk, language = office_of(request).desk, language_of(request)
    job = await jobs.create(desk, errand, body.to_spec(), faults)
    answer = said(request, Phrase.JAR_JOB_CREATED) | {"job": CreatedJob.from_job(job, language).model_dump()}
    if warnings := WarningOut.all_of(await readiness.warnings_of(desk, errand, job), language):
        answer["warnings"] = [warning.model_dump() for warning in warnings]
    return answer


@router.put("/flink-jobs/{job_id}", summary="Update a Flink jar job", openapi_extra=takes(JarJobUpdateIn))
async def update_jar_job(request: Request) -> Any:
    """While it runs, only what its run does not depend on: its description, its alarms, its restarts, its logs."""
    errand = await errand_of(request)
    body, faults = await body_of(request, JarJobUpdateIn)
    known = [*faults, *body.faults()]
    job = await editing.update(office_of(request).desk, errand, edited_job_id_of(request), body.to_changes(), known)
    updated = {"update_time": milliseconds(job.updated_at)}
    return said(request, Phrase.JAR_JOB_UPDATED) | {"job": updated}


@router.get("/jobs", summary="List jobs", openapi_extra=asks(JobsQuery))
async def list_jobs(request: Request) -> Any:
    errand = await errand_of(request)
    query = query_of(request, JobsQuery)
    wanted = query.to_filter()
    desk = office_of(request).desk
    page = await jobs.list_jobs(desk, errand, wanted) if wanted else _EMPTY
    shape = JobDetail if query.show_detail else ListedJob
    now, language = desk.clock.now(), language_of(request)
    listed = [shape.from_job(job, now, language).model_dump() for job in page.jobs]
    return said(request, Phrase.JOBS_LISTED) | {"job_list": {"total_count": page.total, "jobs": listed}}


@router.get("/jobs/{job_id}", summary="Show a job")
async def show_job(request: Request) -> Any:
    errand = await errand_of(request)
    desk = office_of(request).desk
    job = await jobs.show(desk, errand, job_id_of(request))
    detail = JobDetail.from_job(job, desk.clock.now(), language_of(request))
    return said(request, Phrase.JOB_SHOWN) | {"job_detail": detail.model_dump()}


@router.delete("/jobs/{job_id}", summary="Delete a job")
async def delete_job(request: Request) -> Any:
    errand = await errand_of(request)
    await jobs.delete(office_of(request).desk, errand, job_id_of(request))
    return said(request, Phrase.JOB_DELETED)


@router.post("/jobs/delete", summary="Delete jobs", openapi_extra=takes(DeleteIn))
async def delete_jobs(request: Request) -> Any:
    errand = await errand_of(request)
    body = await sound_body_of(request, DeleteIn)
    outcomes = await jobs.delete_jobs(office_of(request).desk, errand, _ids(body.job_ids))
    return _each(request, outcomes, Phrase.JOB_DELETED)


@router.post("/jobs/run", summary="Run jobs", openapi_extra=takes(RunIn))
async def run_jobs(request: Request) -> Any:
    errand = await errand_of(request)
    body = await sound_body_of(request, RunIn)
    desk = office_of(request).desk
    outcomes = await running.run_jobs(desk, errand, _ids(body.job_ids), resume=body.resume_savepoint)
    return _each(request, outcomes, Phrase.JOBS_RUN)


@router.post("/jobs/stop", summary="Stop jobs", openapi_extra=takes(StopIn))
async def stop_jobs(request: Request) -> Any:
    errand = await errand_of(request)
    body = await sound_body_of(request, StopIn)
    desk = office_of(request).desk
    outcomes = await running.stop_jobs(desk, errand, _ids(body.job_ids), savepoint=body.wants_savepoint)
    return _each(request, outcomes, Phrase.JOBS_STOPPED)


@router.get("/jobs/{job_id}/execute-graph", summary="Show a job's execution graph")
async def show_graph(request: Request) -> Any:
    errand = await errand_of(request)
    graph = await jobs.graph(office_of(request).desk, errand, job_id_of(request))
    return said(request, Phrase.GRAPH_SHOWN) | {"execute_graph": graph}


def _each(request: Request, outcomes: Sequence[Outcome], phrase: Phrase) -> list[dict[str, Any]]:
    """One answer a job, in the order asked; where none succeeded, the first refusal is the answer (400)."""
    first = outcomes[0].refused
    if first and all(outcome.refused for outcome in outcomes):
        raise first
    return [_one(request, outcome, phrase) for outcome in outcomes]


def _one(request: Request, outcome: Outcome, phrase: Phrase) -> dict[str, Any]:
    if outcome.refused is None:
        return said(request, phrase)
    error = dli_error(outcome.refused.faults, language_of(request), operation_of(request))
    as_text = office_of(request).is_success_strings
    return {"is_success": is_failure(as_text=as_text), "message": error["error_msg"], **error}


def _ids(given: Sequence[int]) -> list[JobId]:
    return [JobId(number) for number in given]
