"""An uploaded file of a project, named `group/name` or just `name`, pointing at immutable content."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from penstock.domain.caller import ProjectId
from penstock.domain.faults import Fault, FaultCode

_NAME = re.compile(r"(?!\.)[^\x00-\x1f\x7f/\\]{1,128}\Z")
_GROUP = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,64}\Z")


class PackageKind(StrEnum):
    """DLI's kinds (dli: resources, 'kind')."""

    JAR = "jar"
    PY_FILE = "pyFile"
    FILE = "file"
    MODEL_FILE = "modelFile"


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
    """One name and the content it points at (lower-case SHA-256, bytes)."""

    project_id: ProjectId
    name: PackageName
    kind: PackageKind
    sha256: str
    size: int
    owner: str
    created_at: datetime
    updated_at: datetime


def package_name_faults(name: PackageName) -> list[Fault]:
    """What is wrong with the two parts of a package's name."""
    faults = []
    if not _NAME.match(name.name):
        faults.append(Fault.at("file", FaultCode.FILE_NAME_INVALID, name=name.name))
    if name.group and not _GROUP.match(name.group):
        faults.append(Fault.at("group", FaultCode.GROUP_NAME_INVALID, group=name.group))
    return faults
