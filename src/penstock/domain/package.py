"""An uploaded file of a project, named `group/name` or just `name`, pointing at immutable content.

Content may come later, copied from an object: until then the package is uploading, and holds what it held before. Jobs
may name every package that holds something.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from penstock.domain.caller import ProjectId
from penstock.domain.faults import Fault, FaultCode

# Why a job cannot have a package that it names; each package is named for itself.
PACKAGE_LACKS = frozenset(
    {
        FaultCode.PACKAGE_UNKNOWN,
        FaultCode.PACKAGE_UPLOADING,
        FaultCode.PACKAGE_SOURCE_GONE,
        FaultCode.PACKAGE_SOURCE_SILENT,
    }
)

_NAME = re.compile(r"(?!\.)[^\x00-\x1f\x7f/\\]{1,128}\Z")
_GROUP = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,64}\Z")


class PackageKind(StrEnum):
    """DLI's kinds (dli: resources, 'kind')."""

    JAR = "jar"
    PY_FILE = "pyFile"
    FILE = "file"
    MODEL_FILE = "modelFile"


class PackageStatus(StrEnum):
    """What became of the last content that was asked for (dli: resources, 'status')."""

    UPLOADING = "UPLOADING"
    READY = "READY"
    FAILED = "FAILED"

    @classmethod
    def of_group(cls, packages: "Iterable[Package]") -> "PackageStatus":
        """Ready once all of them are; failed only when nothing is under way any more."""
        found = {package.status for package in packages}
        return next((status for status in (cls.UPLOADING, cls.FAILED) if status in found), cls.READY)


@dataclass(frozen=True, slots=True)
class Content:
    """What was kept, by its hash (lower-case SHA-256); bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, order=True)
class PackageName:
    """`group/name`; an empty group means that the package stands alone."""

    group: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "PackageName | None":
        """Read `group/file.jar` or `file.jar`; None if it is neither."""
        group, _, name = text.rpartition("/")
        parsed = cls(group, name)
        return None if package_name_faults(parsed) else parsed

    def __str__(self) -> str:
        return f"{self.group}/{self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One name and the content it points at (lower-case SHA-256, bytes); empty until its first content has come."""

    project_id: ProjectId
    name: PackageName
    kind: PackageKind
    sha256: str
    size: int
    owner: str
    created_at: datetime
    updated_at: datetime
    status: PackageStatus = PackageStatus.READY
    source: str = ""  # the object that its content is, or was, copied from after the answer
    trouble: FaultCode | None = None  # why it failed

    @property
    def has_content(self) -> bool:
        return bool(self.sha256)

    @property
    def is_uploading(self) -> bool:
        return self.status is PackageStatus.UPLOADING

    def filled(self, content: Content) -> "Package":
        """The copy of its source is there."""
        return replace(self, sha256=content.sha256, size=content.size, status=PackageStatus.READY)

    def failed(self, trouble: FaultCode) -> "Package":
        """There will be no copy; what it held before it still holds."""
        return replace(self, status=PackageStatus.FAILED, trouble=trouble)

    def lack(self, path: str) -> Fault:
        """Why a job cannot name it at this field, while it has no content."""
        code = self.trouble or FaultCode.PACKAGE_UPLOADING
        return Fault.at(path, code, package=str(self.name), source=self.source)


def package_name_faults(name: PackageName) -> list[Fault]:
    """What is wrong with the two parts of a package's name."""
    faults = []
    if not _NAME.match(name.name):
        faults.append(Fault.at("file", FaultCode.FILE_NAME_INVALID, name=name.name))
    if name.group and not _GROUP.match(name.group):
        faults.append(Fault.at("group", FaultCode.GROUP_NAME_INVALID, group=name.group))
    return faults
