"""Our own calls about buckets: make them, list them, fill them, read what is in them."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from penstock.api.asking import errand_of, request_id_of
from penstock.api.bodies import query_of
from penstock.api.office import office_of
from penstock.api.schemas.buckets import (
    BucketOut,
    BucketsOut,
    ObjectOut,
    ObjectPageOut,
    ObjectsQuery,
)
from penstock.api.schemas.documents import asks
from penstock.domain.errors import Invalid
from penstock.domain.faults import FaultCode
from penstock.usecases import buckets
from penstock.usecases.errand import errand_for

router = APIRouter(prefix="/penstock/v1/projects/{project_id}/buckets", tags=["Buckets"])

_KEY = re.compile(rb"/buckets/+[^/]+/+objects/(.*)\Z", re.DOTALL)
_BYTES: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _BYTES}}
# What callers stored is for programs: a browser must not run a page of one caller's in the name of this service.
_FOR_PROGRAMS = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}


@router.get("", summary="List buckets")
async def list_buckets(request: Request) -> BucketsOut:
    """In the order of the names."""
    errand = await errand_of(request)
    return BucketsOut.from_buckets(await buckets.list_buckets(office_of(request).desk, errand))


@router.put("/{bucket}", summary="Make a bucket")
async def make_bucket(request: Request) -> BucketOut:
    """The same again changes nothing. A new bucket is not authorised: `POST /v1.0/{project_id}/dli/obs-authorize`."""
    errand = await errand_of(request)
    return BucketOut.from_bucket(await buckets.make(office_of(request).desk, errand, request.path_params["bucket"]))


@router.get("/{bucket}", summary="Show a bucket")
async def show_bucket(request: Request) -> BucketOut:
    """Names are as given: upper and lower case differ."""
    errand = await errand_of(request)
    return BucketOut.from_bucket(await buckets.show(office_of(request).desk, errand, request.path_params["bucket"]))


@router.delete("/{bucket}", status_code=204, summary="Delete an empty bucket")
async def delete_bucket(request: Request) -> Response:
    """Jobs whose logs went there run on, without them."""
    errand = await errand_of(request)
    await buckets.delete(office_of(request).desk, errand, request.path_params["bucket"])
    return Response(status_code=204)


@router.get("/{bucket}/objects", summary="List objects", openapi_extra=asks(ObjectsQuery))
async def list_objects(request: Request) -> ObjectPageOut:
    """In the order of their keys."""
    errand = await errand_of(request)
    wanted = query_of(request, ObjectsQuery)
    page = await buckets.list_objects(
        office_of(request).desk,
        errand,
        request.path_params["bucket"],
        prefix=wanted.prefix,
        limit=wanted.limit,
        cursor=wanted.cursor,
    )
    return ObjectPageOut.from_page(page)


@router.get(
    "/{bucket}/objects/{key:path}",
    summary="Download an object",
    response_class=StreamingResponse,
    responses={200: {"content": _BYTES}},
)
async def download_object(request: Request) -> Response:
    """One version of it, whole, whatever is stored under its key meanwhile."""
    errand = await errand_of(request)
    name, key = request.path_params["bucket"], _key_of(request)
    found: AsyncIterator[bytes] = await buckets.read_object(office_of(request).desk, errand, name, key)
    return StreamingResponse(found, media_type="application/octet-stream", headers=_FOR_PROGRAMS)


@router.put("/{bucket}/objects/{key:path}", status_code=201, summary="Upload an object", openapi_extra=_BODY)
async def upload_object(request: Request) -> ObjectOut:
    """The body is the object; one of this key that is there already is replaced."""
    office = office_of(request)
    visit = await office.gate.uploader(request)
    errand = errand_for(visit.caller, request.path_params["project_id"], request_id_of(request))
    key = _key_of(request)
    bucket = await buckets.demand_storable(office.desk, errand, request.path_params["bucket"], key)
    async with office.uploads.receive_whole(request, visit) as file:
        return ObjectOut.from_info(await buckets.put_object(office.desk, errand, bucket, key, file))


@router.delete("/{bucket}/objects/{key:path}", status_code=204, summary="Delete an object")
async def delete_object(request: Request) -> Response:
    """404 if there is none."""
    errand = await errand_of(request)
    await buckets.delete_object(office_of(request).desk, errand, request.path_params["bucket"], _key_of(request))
    return Response(status_code=204)


def _key_of(request: Request) -> str:
    """As the caller wrote it: the path that routing sees was tidied, and would hide an empty part. Raises Invalid."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    found = _KEY.search(unquote_to_bytes(raw))
    key = found[1] if found else b""
    try:
        return key.decode()
    except UnicodeDecodeError as error:
        shown = key.decode(errors="replace")
        raise Invalid.of(FaultCode.OBJECT_KEY_INVALID, "key", key=shown) from error
