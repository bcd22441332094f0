"""DLI's call that lets jobs name buckets (dli: "Granting OBS bucket permissions to DLI")."""

from typing import Any

from fastapi import APIRouter, Request

from penstock.api.asking import errand_of, language_of
from penstock.api.bodies import sound_body_of
from penstock.api.messages import Phrase, word
from penstock.api.oddities import is_success
from penstock.api.office import office_of
from penstock.api.schemas.buckets import AuthoriseIn
from penstock.api.schemas.documents import takes
from penstock.usecases import buckets

router = APIRouter(prefix="/v1.0/{project_id}/dli", tags=["Buckets (DLI)"])


@router.post("/obs-authorize", summary="Authorise buckets", openapi_extra=takes(AuthoriseIn))
async def authorize_buckets(request: Request) -> Any:
    """All of them, or none if one cannot be."""
    errand = await errand_of(request)
    body = await sound_body_of(request, AuthoriseIn)
    names = await buckets.authorise(office_of(request).desk, errand, body.obs_buckets)
    said = word(Phrase.BUCKETS_AUTHORISED, language_of(request)).format(buckets=", ".join(names))
    return {"is_success": is_success(as_text=office_of(request).is_success_strings), "message": said}
