"""DLI's calls for savepoints: make one of a job that runs, and bring one from a bucket."""

from typing import Any

from fastapi import APIRouter, Request

from penstock.api.asking import errand_of, job_id_of
from penstock.api.bodies import sound_body_of
from penstock.api.messages import Phrase
from penstock.api.oddities import is_success, message_of_savepoint
from penstock.api.office import office_of
from penstock.api.saying import said
from penstock.api.schemas.documents import takes
from penstock.api.schemas.savepoints import ImportSavepointIn, SavepointIn
from penstock.domain.errors import Invalid
from penstock.usecases import savepoints

router = APIRouter(prefix="/v1.0/{project_id}/streaming", tags=["Flink jobs (DLI)"])


@router.post("/jobs/{job_id}/savepoint", summary="Make a savepoint of a running job", openapi_extra=takes(SavepointIn))
async def trigger_savepoint(request: Request) -> Any:
    """Asynchronous: the job is `job_savepointing` until Flink has made it, and its copy follows."""
    errand = await errand_of(request)
    body = await sound_body_of(request, SavepointIn)
    if faults := body.faults():
        raise Invalid(faults)
    await savepoints.trigger(office_of(request).desk, errand, job_id_of(request), body.savepoint_path)
    as_text = office_of(request).is_success_strings
    return {"is_success": is_success(as_text=as_text), "message": message_of_savepoint(as_text=as_text)}


@router.post("/jobs/{job_id}/import-savepoint", summary="Import a savepoint", openapi_extra=takes(ImportSavepointIn))
async def import_savepoint(request: Request) -> Any:
    """The next run with `resume_savepoint` begins from it."""
    errand = await errand_of(request)
    body = await sound_body_of(request, ImportSavepointIn)
    job_id = job_id_of(request)
    if faults := body.faults(job_id):
        raise Invalid(faults)
    await savepoints.import_savepoint(office_of(request).desk, errand, job_id, body.savepoint_path)
    return said(request, Phrase.JOB_UPDATED)
