"""Our own package calls: upload one directly, and list them page by page."""

from typing import Any

from fastapi import APIRouter, Request

from penstock.api.asking import errand_of, language_of, request_id_of
from penstock.api.bodies import query_of
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks
from penstock.api.schemas.packages import PackagePageOut, PackagesQuery, UploadedOut
from penstock.api.uploads import Upload
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.package import PackageKind, PackageName, package_name_faults
from penstock.usecases.errand import errand_for
from penstock.usecases.packages import list_packages, store_package

router = APIRouter(prefix="/penstock/v1/projects/{project_id}", tags=["Packages"])

_LIMITS = (1, 1000)
_KINDS = frozenset(PackageKind)
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "kind": {"type": "string", "enum": sorted(_KINDS)},
                        "group": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post("/packages", status_code=201, openapi_extra=_FORM, summary="Upload a package")
async def upload_package(request: Request) -> UploadedOut:
    """A package of this group and name that exists already points at the new content from then on."""
    office = office_of(request)
    visit = await office.gate.uploader(request)
    errand = errand_for(visit.caller, request.path_params["project_id"], request_id_of(request))
    async with office.uploads.receive(request, visit) as upload:
        name, kind = _named(upload)
        package = await store_package(office.desk, errand, name, kind, upload.file)
    return UploadedOut.from_package(package)


@router.get("/packages", summary="List packages", openapi_extra=asks(PackagesQuery))
async def list_own_packages(request: Request) -> PackagePageOut:
    """In the order of group, then name."""
    errand = await errand_of(request)
    wanted = query_of(request, PackagesQuery)
    low, high = _LIMITS
    if not low <= wanted.limit <= high:
        raise Invalid.of(FaultCode.LIMIT_INVALID, "limit", low=low, high=high, given=wanted.limit)
    group, _, name = wanted.cursor.rpartition("/")
    packages = [
        package
        for package in await list_packages(office_of(request).desk, errand)
        if not wanted.cursor or package.name > PackageName(group, name)
    ]
    page = packages[: wanted.limit]
    following = str(page[-1].name) if len(packages) > len(page) else None
    return PackagePageOut.from_packages(page, following, language_of(request))


def _named(upload: Upload) -> tuple[PackageName, PackageKind]:
    name = PackageName(upload.fields.get("group", ""), upload.file_name)
    default = PackageKind.JAR if name.name.lower().endswith(".jar") else PackageKind.FILE
    kind = upload.fields.get("kind") or default
    faults = package_name_faults(name)
    if kind not in _KINDS:
        faults.append(Fault.at("kind", FaultCode.KIND_INVALID, given=kind))
    if faults:
        raise Invalid(faults)
    return name, PackageKind(kind)
