"""What a caller may ask of packages: store an uploaded file, list them, show one, delete one."""

from dataclasses import dataclass
from pathlib import Path

from penstock.domain.caller import ProjectId
from penstock.domain.errors import Invalid, NotFound
from penstock.domain.faults import FaultCode
from penstock.domain.package import Package, PackageKind, PackageName, package_name_faults
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A whole file in a folder of ours, with its SHA-256 and its length in bytes."""

    path: Path
    sha256: str
    size: int


async def store_package(
    desk: Desk, errand: Errand, name: PackageName, kind: PackageKind, file: UploadedFile
) -> Package:
    """The package under this name, which points at the file's content from now on; content first, then the name."""
    if faults := package_name_faults(name):
        raise Invalid(faults)
    await desk.blobs.keep(file.sha256, file.path)
    now = desk.clock.now()
    package = Package(
        project_id=errand.project_id,
        name=name,
        kind=kind,
        sha256=file.sha256,
        size=file.size,
        owner=errand.caller.user.name,
        created_at=now,
        updated_at=now,
    )
    return await desk.records.change(_put, package)


async def list_packages(desk: Desk, errand: Errand, kind: PackageKind | None = None) -> tuple[Package, ...]:
    """Those of the project, in the order of group, then name."""
    found = await desk.records.look(_list, errand.project_id, kind)
    # Databases disagree about the order of letters, and cursors are compared with this one.
    return tuple(sorted(found, key=lambda package: package.name))


async def show_package(desk: Desk, errand: Errand, name: PackageName) -> Package:
    """Raises NotFound."""
    package = None if package_name_faults(name) else await desk.records.look(_find, errand.project_id, name)
    if package is None:
        raise _unknown(name)
    return package


async def delete_package(desk: Desk, errand: Errand, name: PackageName) -> None:
    """The name goes; the content stays for as long as a run sheet or another package names it. Raises NotFound."""
    if package_name_faults(name) or not await desk.records.change(_delete, errand.project_id, name):
        raise _unknown(name)


def _unknown(name: PackageName) -> NotFound:
    return NotFound.of(FaultCode.RESOURCE_UNKNOWN, "resource_name", package=str(name))


def _put(tx: Tx, package: Package) -> Package:
    return tx.packages.put(package)


def _list(tx: Tx, project_id: ProjectId, kind: PackageKind | None) -> tuple[Package, ...]:
    return tuple(tx.packages.list(project_id, kind))


def _find(tx: Tx, project_id: ProjectId, name: PackageName) -> Package | None:
    return tx.packages.find(project_id, name)


def _delete(tx: Tx, project_id: ProjectId, name: PackageName) -> bool:
    return tx.packages.delete(project_id, name)
