"""Our own calls about where buckets lie in a store that has buckets of its own; for operators."""

from fastapi import APIRouter, Request, Response

from penstock.api.bodies import sound_body_of
from penstock.api.document import SIGNED
from penstock.api.office import office_of
from penstock.api.schemas.buckets import BucketOut, LocationIn, MappedBucketsOut
from penstock.api.schemas.documents import takes
from penstock.usecases import mappings
from penstock.usecases.access import demand_operator

router = APIRouter(prefix="/penstock/v1", tags=["Buckets"])

_LOCATION = "/projects/{project_id}/buckets/{bucket}/location"


@router.get("/mapped-buckets", summary="List mapped buckets")
async def list_mapped_buckets(request: Request) -> MappedBucketsOut:
    """Of all projects. For operators."""
    office = office_of(request)
    caller = await office.gate.known(request)
    return MappedBucketsOut.from_buckets(await mappings.list_mapped(office.desk, caller))


@router.put(_LOCATION, summary="Map a bucket", openapi_extra=takes(LocationIn) | SIGNED)
async def map_bucket(request: Request) -> BucketOut:
    """The project's bucket lies there from now on, and is made if there was none. For operators."""
    office = office_of(request)
    caller = await office.gate.signer(request)
    demand_operator(caller)
    where = (await sound_body_of(request, LocationIn)).location
    project_id, name = request.path_params["project_id"], request.path_params["bucket"]
    return BucketOut.from_bucket(await mappings.map_bucket(office.desk, caller, project_id, name, where))


@router.delete(_LOCATION, status_code=204, summary="Unmap a bucket", openapi_extra=SIGNED)
async def unmap_bucket(request: Request) -> Response:
    """The project has no such bucket any more; its objects stay where they are. For operators."""
    office = office_of(request)
    caller = await office.gate.signer(request)
    project_id, name = request.path_params["project_id"], request.path_params["bucket"]
    await mappings.unmap_bucket(office.desk, caller, project_id, name)
    return Response(status_code=204)
