"""Our own job calls: why a job is where it is, and its history."""

from typing import Any

from fastapi import APIRouter, Request

from penstock.api.asking import errand_of, job_id_of, language_of
from penstock.api.bodies import query_of
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks
from penstock.api.schemas.explanation import ExplanationOut, HistoryOut
from penstock.api.schemas.listing import HistoryQuery
from penstock.usecases import jobs

router = APIRouter(prefix="/penstock/v1/projects/{project_id}/jobs/{job_id}", tags=["Jobs (Penstock)"])


@router.get("", summary="Explain a job", responses={200: {"model": ExplanationOut}})
async def explain_job(request: Request) -> Any:
    errand = await errand_of(request)
    desk = office_of(request).desk
    found = await jobs.explain(desk, errand, job_id_of(request))
    return ExplanationOut.from_explanation(found, desk.installation, language_of(request)).model_dump(mode="json")


@router.get(
    "/history", summary="A job's history", openapi_extra=asks(HistoryQuery), responses={200: {"model": HistoryOut}}
)
async def show_history(request: Request) -> Any:
    errand = await errand_of(request)
    query = query_of(request, HistoryQuery)
    query.demand_sound()
    desk = office_of(request).desk
    page = await jobs.history(desk, errand, job_id_of(request), limit=query.limit, offset=query.cursor)
    return HistoryOut.from_page(page, language_of(request)).model_dump(mode="json")
