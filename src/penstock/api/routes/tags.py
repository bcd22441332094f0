"""DLI's tag calls for Flink jobs: list, add, remove; writes answer 204 without a body (dli: "Batch adding resource tags")."""

from typing import Any

from fastapi import APIRouter, Request, Response

from penstock.api.asking import errand_of, job_id_of
from penstock.api.bodies import sound_body_of
from penstock.api.oddities import list_of_tags
from penstock.api.office import office_of
from penstock.api.schemas.documents import takes
from penstock.api.schemas.jobs import TagsIn
from penstock.usecases import editing

router = APIRouter(prefix="/v3/{project_id}/dli_flink_job/{job_id}/tags", tags=["Flink jobs (DLI)"])


@router.get("", summary="List a job's tags")
async def show_tags(request: Request) -> Any:
    errand = await errand_of(request)
    return {"tags": list_of_tags(await editing.show_tags(office_of(request).desk, errand, job_id_of(request)))}


@router.post("/create", status_code=204, summary="Give a job tags", openapi_extra=takes(TagsIn))
async def add_tags(request: Request) -> Response:
    """A key that the job has gets the new value."""
    errand = await errand_of(request)
    body = await sound_body_of(request, TagsIn)
    await editing.add_tags(office_of(request).desk, errand, job_id_of(request), body.tags)
    return Response(status_code=204)


@router.post("/delete", status_code=204, summary="Take tags from a job", openapi_extra=takes(TagsIn))
async def remove_tags(request: Request) -> Response:
    """By key, and by value where one is given."""
    errand = await errand_of(request)
    body = await sound_body_of(request, TagsIn)
    await editing.remove_tags(office_of(request).desk, errand, job_id_of(request), body.tags)
    return Response(status_code=204)
