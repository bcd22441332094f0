"""DLI's package calls: make them from objects in buckets, list, show and delete them."""

from fastapi import APIRouter, Request, Response

from penstock.api.asking import errand_of
from penstock.api.bodies import body_of, query_of
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks, takes
from penstock.api.schemas.packages import (
    GroupOut,
    ImportedOut,
    ResourceOut,
    ResourceQuery,
    ResourcesOut,
    ResourcesQuery,
    SourcesIn,
)
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.package import PackageKind, PackageName
from penstock.usecases.packages import delete_package, list_packages, show_package
from penstock.usecases.sources import announce_packages, import_packages

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


@router.post("/resources", status_code=201, summary="Make packages from objects", openapi_extra=takes(SourcesIn))
async def upload_resources(request: Request) -> GroupOut | ImportedOut:
    """Their contents are copied from buckets of the project; nothing is fetched from elsewhere.

    They are copied before this answers, or with `is_async` after it: their status says when they are there.
    """
    return await _imported(request)


@router.post("/resources/jars", status_code=201, summary="Make jars from objects", openapi_extra=takes(SourcesIn))
async def upload_jars(request: Request) -> GroupOut | ImportedOut:
    return await _imported(request, PackageKind.JAR)


@router.post("/resources/pyfiles", status_code=201, summary="Make Python files", openapi_extra=takes(SourcesIn))
async def upload_py_files(request: Request) -> GroupOut | ImportedOut:
    return await _imported(request, PackageKind.PY_FILE)


@router.post("/resources/files", status_code=201, summary="Make files from objects", openapi_extra=takes(SourcesIn))
async def upload_files(request: Request) -> GroupOut | ImportedOut:
    return await _imported(request, PackageKind.FILE)


async def _imported(request: Request, kind: PackageKind | None = None) -> GroupOut | ImportedOut:
    errand = await errand_of(request)
    asked, faults = await body_of(request, SourcesIn)
    bad = {fault.path for fault in faults}
    wanted = kind or asked.kind
    if not asked.paths and "paths" not in bad:
        faults.append(Fault.at("paths", FaultCode.FIELD_MISSING, field="paths"))
    if wanted not in _KINDS and "kind" not in bad:
        faults.append(Fault.at("kind", FaultCode.KIND_INVALID, given=wanted))
    desk = office_of(request).desk
    made_of = PackageKind(wanted) if wanted in _KINDS else PackageKind.FILE
    make = announce_packages if asked.is_async else import_packages
    made = await make(desk, errand, asked.paths, made_of, asked.group, faults)
    if not asked.group:
        return ImportedOut.from_packages(made)
    members = [package for package in await list_packages(desk, errand) if package.name.group == asked.group]
    return GroupOut.from_packages(asked.group, members or made)


def _name_of(request: Request) -> PackageName:
    return PackageName(query_of(request, ResourceQuery).group, request.path_params["resource_name"])
