"""Objects as sources of code: copied into the contents that never change, so that a job runs what it was asked with.

Packages may be announced first: they are uploading then, and the control plane copies their objects (`control/fetcher`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from penstock.domain.bucket import Bucket
from penstock.domain.caller import ProjectId
from penstock.domain.errors import Invalid, ObjectMissing
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.object_path import ObjectPath, object_path_of
from penstock.domain.package import Content, Package, PackageKind, PackageName, PackageStatus, package_name_faults
from penstock.domain.spec import JobSpec
from penstock.ports.bell import UPLOADS
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand

Pins = Mapping[str, str]  # the SHA-256 of what lies there now, by the path as the job names it

_NOTHING = Content("", 0)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a package comes from, and what it will be called."""

    path: ObjectPath
    bucket: Bucket
    name: PackageName


async def pin(desk: Desk, project_id: ProjectId, spec: JobSpec) -> Pins:
    """Of every object that the job names and may name; what is missing here was not found."""
    names = (spec.entrypoint, *spec.dependency_jars, *spec.dependency_files)
    paths = {name: path for name in dict.fromkeys(names) if (path := object_path_of(name))}
    pins = {}
    for name, path in paths.items():
        bucket = await desk.records.look(_bucket, project_id, path.bucket)
        if bucket and bucket.authorised and (content := await _copied(desk, bucket, path.key)):
            pins[name] = content.sha256
    return pins


async def import_packages(
    desk: Desk, errand: Errand, paths: Sequence[str], kind: PackageKind, group: str, known: Sequence[Fault] = ()
) -> tuple[Package, ...]:
    """Packages with the contents that the objects have now, all or none; by file name, in this group.

    `known` are faults that were found before. Raises Invalid with every fault at once.
    """
    sources = await _named(desk, errand.project_id, paths, group, known)
    contents = [(source, await _copied(desk, source.bucket, source.path.key)) for source in sources]
    if missing := [source.path for source, content in contents if content is None]:
        raise Invalid([_unknown(path) for path in missing])
    packages = [_package(desk, errand, source.name, kind, content) for source, content in contents if content]
    return await desk.records.change(_put_all, packages)


async def announce_packages(
    desk: Desk, errand: Errand, paths: Sequence[str], kind: PackageKind, group: str, known: Sequence[Fault] = ()
) -> tuple[Package, ...]:
    """The same packages, uploading: each holds what it held before until its object is copied.

    `known` are faults that were found before. Raises Invalid with every fault at once.
    """
    sources = await _named(desk, errand.project_id, paths, group, known)
    if missing := [source.path for source in sources if not await _is_there(desk, source)]:
        raise Invalid([_unknown(path) for path in missing])
    packages = [_package(desk, errand, source.name, kind, _NOTHING) for source in sources]
    uploading = [
        replace(package, status=PackageStatus.UPLOADING, source=str(source.path))
        for package, source in zip(packages, sources, strict=True)
    ]
    made = await desk.records.change(_announce_all, uploading)
    desk.bell.ring(UPLOADS)
    return made


async def _named(
    desk: Desk, project_id: ProjectId, paths: Sequence[str], group: str, known: Sequence[Fault]
) -> list[_Source]:
    sources, faults = await desk.records.look(_sources, project_id, paths, group, desk.object_host)
    if every := [*known, *faults]:
        raise Invalid(every)
    return sources


def _package(desk: Desk, errand: Errand, name: PackageName, kind: PackageKind, content: Content) -> Package:
    now = desk.clock.now()
    return Package(
        project_id=errand.project_id,
        name=name,
        kind=kind,
        sha256=content.sha256,
        size=content.size,
        owner=errand.caller.user.name,
        created_at=now,
        updated_at=now,
    )


async def _is_there(desk: Desk, source: _Source) -> bool:
    try:
        await desk.shelf.head(source.bucket, source.path.key)
    except ObjectMissing:
        return False
    return True


async def _copied(desk: Desk, bucket: Bucket, key: str) -> Content | None:
    try:
        return await desk.blobs.take(desk.shelf.read(bucket, key))
    except ObjectMissing:
        return None


def _bucket(tx: Tx, project_id: ProjectId, name: str) -> Bucket | None:
    return tx.buckets.find(project_id, name)


def _sources(
    tx: Tx, project_id: ProjectId, paths: Sequence[str], group: str, host: str
) -> tuple[list[_Source], list[Fault]]:
    sources: list[_Source] = []
    faults: list[Fault] = []
    names: dict[str, str] = {}
    for text in dict.fromkeys(paths):
        path = object_path_of(text, host)
        if path is None:
            faults.append(Fault.at("paths", FaultCode.OBJECT_PATH_INVALID, source=text, host=host or "-"))
            continue
        bucket, name = tx.buckets.find(project_id, path.bucket), PackageName(group, path.file_name)
        faults += package_name_faults(name)
        if bucket is None:
            faults.append(_unknown(path))
        elif names.setdefault(name.name, text) != text:
            code = FaultCode.FILES_OF_ONE_NAME
            faults.append(Fault.at("paths", code, file=name.name, first=names[name.name], second=text))
        else:
            sources.append(_Source(path, bucket, name))
    return sources, _once(faults)


def _once(faults: list[Fault]) -> list[Fault]:
    """A wrong group is said once, however many files would be in it."""
    kept: list[Fault] = []
    for fault in faults:
        if fault not in kept:
            kept.append(fault)
    return kept


def _unknown(path: ObjectPath) -> Fault:
    return Fault.at("paths", FaultCode.SOURCE_UNKNOWN, bucket=path.bucket, key=path.key)


def _announce_all(tx: Tx, packages: Sequence[Package]) -> tuple[Package, ...]:
    return tuple(_announce(tx, package) for package in packages)


def _announce(tx: Tx, package: Package) -> Package:
    """A name that holds something goes on holding it."""
    held = tx.packages.find(package.project_id, package.name)
    return tx.packages.put(replace(package, sha256=held.sha256, size=held.size) if held else package)


def _put_all(tx: Tx, packages: Sequence[Package]) -> tuple[Package, ...]:
    return tuple(tx.packages.put(package) for package in packages)
