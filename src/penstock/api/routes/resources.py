"""DLI's package calls: list, show and delete; making them from OBS paths is refused in words."""

from fastapi import APIRouter, Request, Response

from penstock.api.asking import errand_of
from penstock.api.bodies import query_of
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks
from penstock.api.schemas.packages import ResourceOut, ResourceQuery, ResourcesOut, ResourcesQuery
from penstock.domain.errors import Invalid
from penstock.domain.faults import FaultCode
from penstock.domain.package import PackageKind, PackageName
from penstock.usecases.packages import delete_package, list_packages, show_package

router = APIRouter(prefix="/v2.0/{project_id}", tags=["Packages (DLI)"])

_KINDS = frozenset(PackageKind)


@router.get("/resources", summary="List packages", openapi_extra=asks(ResourcesQuery))
async def list_resources(request: Request) -> ResourcesOut:
    """Packages that stand alone, and groups."""
    errand = await errand_of(request)
    wanted = query_of(request, ResourcesQuery)
    if wanted.kind and wanted.kind not in _KINDS:
        raise Invalid.of(FaultCode.KIND_INVALID, "kind", given=wanted.kind)
    if wanted.tags:
        raise Invalid.of(FaultCode.UNSUPPORTED, "tags", field="tags", value=wanted.tags)
    kind = PackageKind(wanted.kind) if wanted.kind else None
    return ResourcesOut.from_packages(await list_packages(office_of(request).desk, errand, kind))


@router.get("/resources/{resource_name}", summary="Show a package", openapi_extra=asks(ResourceQuery))
async def show_resource(request: Request) -> ResourceOut:
    """The object itself, without an envelope."""
    errand = await errand_of(request)
    return ResourceOut.from_package(await show_package(office_of(request).desk, errand, _name_of(request)))


@router.delete("/resources/{resource_name}", summary="Delete a package", openapi_extra=asks(ResourceQuery))
async def delete_resource(request: Request) -> Response:
    """200 with an empty body (dli: "Deleting a resource package"). Jobs that were asked to run keep what they need."""
    errand = await errand_of(request)
    await delete_package(office_of(request).desk, errand, _name_of(request))
    return Response()


@router.post("/resources", summary="Make packages from OBS paths (refused)")
@router.post("/resources/jars", include_in_schema=False)
@router.post("/resources/pyfiles", include_in_schema=False)
@router.post("/resources/files", include_in_schema=False)
async def upload_resources(request: Request) -> Response:
    """Not supported: upload the file itself, at `/penstock/v1/projects/{project_id}/packages`."""
    await errand_of(request)
    raise Invalid.of(FaultCode.UNSUPPORTED, "paths", field="paths", value="obs")


def _name_of(request: Request) -> PackageName:
    return PackageName(query_of(request, ResourceQuery).group, request.path_params["resource_name"])
