"""What we ask of packages: names that point at contents."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, delete, select, union

from penstock.database.dialect import insert_into
from penstock.database.documents import ms_from, time_from
from penstock.database.tables import packages, sheet_blobs
from penstock.domain.caller import ProjectId
from penstock.domain.faults import FaultCode
from penstock.domain.package import Package, PackageKind, PackageName, PackageStatus

_CHANGES = ("kind", "sha256", "size", "owner", "updated_at_ms", "status", "source", "trouble")


class DatabasePackages:
    """`ports.records.Packages` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, package: Package) -> Package:
        statement = insert_into(packages, self._connection.dialect).values(_values_of(package))
        changed = {name: statement.excluded[name] for name in _CHANGES}
        keys = [packages.c.project_id, packages.c.group_name, packages.c.name]
        upsert = statement.on_conflict_do_update(index_elements=keys, set_=changed).returning(packages)
        return package_from(self._connection.execute(upsert).one())

    def find(self, project_id: ProjectId, name: PackageName) -> Package | None:
        row = self._connection.execute(select(packages).where(*_is(project_id, name))).one_or_none()
        return package_from(row) if row else None

    def list(self, project_id: ProjectId, kind: PackageKind | None = None) -> Sequence[Package]:
        of_project = select(packages).where(packages.c.project_id == project_id)
        wanted = of_project.where(packages.c.kind == kind) if kind else of_project
        ordered = wanted.order_by(packages.c.group_name, packages.c.name)
        return [package_from(row) for row in self._connection.execute(ordered)]

    def uploading(self) -> Sequence[Package]:
        wanted = select(packages).where(packages.c.status == PackageStatus.UPLOADING)
        return [package_from(row) for row in self._connection.execute(wanted.order_by(packages.c.updated_at_ms))]

    def delete(self, project_id: ProjectId, name: PackageName) -> bool:
        return self._connection.execute(delete(packages).where(*_is(project_id, name))).rowcount > 0

    def named_blobs(self) -> frozenset[str]:
        of_packages = select(packages.c.sha256).where(packages.c.sha256 != "")
        named = union(of_packages, select(sheet_blobs.c.sha256))
        return frozenset(self._connection.scalars(named))


def package_from(row: Row[*tuple[object, ...]]) -> Package:
    return Package(
        project_id=ProjectId(row.project_id),
        name=PackageName(row.group_name, row.name),
        kind=PackageKind(row.kind),
        sha256=row.sha256,
        size=row.size,
        owner=row.owner,
        created_at=time_from(row.created_at_ms),
        updated_at=time_from(row.updated_at_ms),
        status=PackageStatus(row.status),
        source=row.source,
        trouble=FaultCode(row.trouble) if row.trouble else None,
    )


def _values_of(package: Package) -> dict[str, object]:
    return {
        "project_id": package.project_id,
        "group_name": package.name.group,
        "name": package.name.name,
        "kind": package.kind,
        "sha256": package.sha256,
        "size": package.size,
        "owner": package.owner,
        "created_at_ms": ms_from(package.created_at),
        "updated_at_ms": ms_from(package.updated_at),
        "status": package.status,
        "source": package.source,
        "trouble": package.trouble or "",
    }


def _is(project_id: ProjectId, name: PackageName) -> tuple[ColumnElement[bool], ...]:
    key = packages.c
    return key.project_id == project_id, key.group_name == name.group, key.name == name.name
