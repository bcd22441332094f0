"""Packages in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from penstock.domain.caller import ProjectId
from penstock.domain.package import Package, PackageKind, PackageName
from penstock.domain.run_sheet import RunSheet, SheetId


class MemoryPackages:
    """`ports.records.Packages` over a dictionary; run sheets name contents too."""

    def __init__(
        self, packages: dict[tuple[ProjectId, PackageName], Package], sheets: Mapping[SheetId, RunSheet]
    ) -> None:
        self._packages = packages
        self._sheets = sheets

    def put(self, package: Package) -> Package:
        key = package.project_id, package.name
        kept = self._packages.get(key, package)
        self._packages[key] = replace(package, created_at=kept.created_at)
        return self._packages[key]

    def find(self, project_id: ProjectId, name: PackageName) -> Package | None:
        return self._packages.get((project_id, name))

    def list(self, project_id: ProjectId, kind: PackageKind | None = None) -> Sequence[Package]:
        of_project = (package for package in self._packages.values() if package.project_id == project_id)
        return sorted((found for found in of_project if kind in {None, found.kind}), key=lambda found: found.name)

    def uploading(self) -> Sequence[Package]:
        found = (package for package in self._packages.values() if package.is_uploading)
        return sorted(found, key=lambda package: package.updated_at)

    def delete(self, project_id: ProjectId, name: PackageName) -> bool:
        return self._packages.pop((project_id, name), None) is not None

    def named_blobs(self) -> frozenset[str]:
        by_packages = {package.sha256 for package in self._packages.values() if package.has_content}
        return frozenset(by_packages).union(*(sheet.blobs() for sheet in self._sheets.values()))
