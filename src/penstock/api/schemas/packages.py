"""Packages on the wire: DLI's resources and groups, and our own form beside them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.messages import Language, sentence_of
from penstock.api.oddities import Boolean, Integer, Tags, Text, Texts, milliseconds
from penstock.domain.package import Package, PackageStatus


class ResourcesQuery(BaseModel):
    """What of DLI's list to show (dli: "Querying resource packages")."""

    model_config = ConfigDict(frozen=True)

    kind: Text = ""
    tags: Text = ""


class ResourceQuery(BaseModel):
    """Of which group a resource is; of none without (dli: "Querying a resource package")."""

    model_config = ConfigDict(frozen=True)

    group: Text = ""


class PackagesQuery(BaseModel):
    """Which page of our own list; a cursor is the `group/name` that the page before ended with."""

    model_config = ConfigDict(frozen=True)

    limit: Integer = 100
    cursor: Text = ""


class SourcesIn(BaseModel):
    """Objects to make packages of (dli: "Uploading a resource package"); `kind` is the route's where it names one."""

    model_config = ConfigDict(frozen=True, title="Sources")

    paths: Texts = Field((), description="Objects of buckets of the project.", examples=[["obs://testBucket/a.jar"]])
    kind: Text = Field("", description="jar, pyFile, file or modelFile.", examples=["jar"])
    group: Text = ""
    is_async: Boolean = Field(
        False, description="Answer at once: the packages are UPLOADING until their objects are copied."
    )
    tags: Tags = ()


class ResourceOut(BaseModel):
    """DLI's resource object (dli: "Querying a resource package")."""

    create_time: int
    update_time: int
    resource_type: str
    resource_name: str
    status: str = "READY"
    underlying_name: str
    owner: str
    is_async: bool = Field(False, description="Whether its content came, or comes, after the answer.")

    @classmethod
    def from_package(cls, package: Package) -> "ResourceOut":
        return cls(**_fields(package))


class UploadedOut(ResourceOut):
    """What an upload made: DLI's resource object, and what DLI has no word for."""

    group_name: str
    size: int
    sha256: str

    @classmethod
    def from_package(cls, package: Package) -> "UploadedOut":
        own: dict[str, Any] = {"group_name": package.name.group, "size": package.size, "sha256": package.sha256}
        return cls(**_fields(package), **own)


class GroupOut(BaseModel):
    """DLI's group of packages; its times are those of its oldest and of its newest member."""

    group_name: str
    status: str = "READY"
    resources: list[str]
    details: list[ResourceOut]
    create_time: int
    update_time: int
    is_async: bool = False
    owner: str

    @classmethod
    def from_packages(cls, name: str, packages: Sequence[Package]) -> "GroupOut":
        oldest = min(packages, key=lambda package: package.created_at)
        return cls(
            group_name=name,
            status=PackageStatus.of_group(packages).value,
            is_async=any(package.source for package in packages),
            resources=[package.name.name for package in packages],
            details=[ResourceOut.from_package(package) for package in packages],
            create_time=milliseconds(oldest.created_at) or 0,
            update_time=milliseconds(max(package.updated_at for package in packages)) or 0,
            owner=oldest.owner,
        )


class ImportedOut(BaseModel):
    """What DLI answers about packages of no group; two readings of its documents (dli-contract §4.2)."""

    resource_names: list[str]
    resources: list[str]
    details: list[ResourceOut]
    status: str = "READY"
    is_async: bool = False

    @classmethod
    def from_packages(cls, packages: Sequence[Package]) -> "ImportedOut":
        names = [package.name.name for package in packages]
        details = [ResourceOut.from_package(package) for package in packages]
        return cls(
            resource_names=names,
            resources=names,
            details=details,
            status=PackageStatus.of_group(packages).value,
            is_async=any(package.source for package in packages),
        )


class ResourcesOut(BaseModel):
    """DLI's list: packages of no group, then the groups; `total` counts packages, `modules` are groups built in."""

    resources: list[ResourceOut]
    modules: list[dict[str, str]] = []
    groups: list[GroupOut]
    total: int

    @classmethod
    def from_packages(cls, packages: Sequence[Package]) -> "ResourcesOut":
        """`packages` come in the order of group, then name."""
        by_group = {name: tuple(members) for name, members in groupby(packages, key=lambda package: package.name.group)}
        alone = by_group.pop("", ())
        return cls(
            resources=[ResourceOut.from_package(package) for package in alone],
            groups=[GroupOut.from_packages(name, members) for name, members in by_group.items()],
            total=len(packages),
        )


class PackageOut(BaseModel):
    """A package in our own words."""

    group: str
    name: str
    kind: str
    size: int
    sha256: str
    owner: str
    created_at: datetime
    updated_at: datetime
    status: str
    trouble: str | None = Field(description="Why it failed, in words; what it held before it still holds.")

    @classmethod
    def from_package(cls, package: Package, language: Language) -> "PackageOut":
        return cls(
            group=package.name.group,
            name=package.name.name,
            kind=package.kind.value,
            size=package.size,
            sha256=package.sha256,
            owner=package.owner,
            created_at=package.created_at,
            updated_at=package.updated_at,
            status=package.status.value,
            trouble=sentence_of(package.lack(""), language) if package.trouble else None,
        )


class PackagePageOut(BaseModel):
    """`next` is the cursor of the following page, or null."""

    packages: list[PackageOut]
    next: str | None

    @classmethod
    def from_packages(cls, packages: Iterable[Package], following: str | None, language: Language) -> "PackagePageOut":
        return cls(packages=[PackageOut.from_package(package, language) for package in packages], next=following)


def _fields(package: Package) -> dict[str, Any]:
    return {
        "create_time": milliseconds(package.created_at) or 0,
        "update_time": milliseconds(package.updated_at) or 0,
        "resource_type": package.kind.value,
        "resource_name": package.name.name,
        "status": package.status.value,
        "underlying_name": _underlying_name(package),
        "owner": package.owner,
        "is_async": bool(package.source),
    }


def _underlying_name(package: Package) -> str:
    """The plain name while there is nothing under it (dli: the samples of "Uploading a resource package" show both)."""
    return f"{UUID(package.sha256[:32])}_{package.name.name}" if package.has_content else package.name.name
