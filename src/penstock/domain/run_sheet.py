"""What exactly a run runs, fixed when it is asked for; automatic restarts use it again."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from penstock.domain.footprint import Footprint
from penstock.domain.savepoint import SavepointId
from penstock.domain.spec import JobSpec

SheetId = NewType("SheetId", str)

_FORMAT = 1  # of the bundle; a new way to lay it out must give a new name
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Beginning(StrEnum):
    """Where a run's state comes from."""

    NOTHING = "nothing"
    SAVEPOINT = "savepoint"
    NEWEST_CHECKPOINT = "newest_checkpoint"


@dataclass(frozen=True, slots=True)
class Part:
    """One package of a run: the name it was asked for by, and its content (lower-case SHA-256)."""

    name: str
    sha256: str

    def __post_init__(self) -> None:
        if not _SHA256.match(self.sha256):
            raise ValueError(f"{self.name}: {self.sha256!r} is not a SHA-256")

    @property
    def file_name(self) -> str:
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """Everything an engine needs to make a run exist."""

    id: SheetId
    spec: JobSpec
    main_class: str
    arguments: tuple[str, ...]
    entrypoint: Part
    jars: tuple[Part, ...]
    files: tuple[Part, ...]
    footprint: Footprint
    flink_version: str
    place: str
    beginning: Beginning = Beginning.NOTHING
    state_path: str = ""  # of the savepoint that it begins from, as its place knew it when it was asked for
    savepoint: SavepointId | None = None  # that one; where it is by now is with the records

    @property
    def bundle(self) -> str:
        """The bundle's name: SHA-256 over the format and the ordered list of (path, content hash)."""
        digest = hashlib.sha256(f"penstock bundle {_FORMAT}\n".encode())
        for path, sha256 in self.contents():
            digest.update(f"{sha256} {path}\n".encode())
        return digest.hexdigest()

    def contents(self) -> Iterator[tuple[str, str]]:
        """(path inside the bundle, content hash), each once, in the order in which Flink will read them."""
        yield "", self.entrypoint.sha256
        yield from dict.fromkeys((f"lib/{jar.sha256}.jar", jar.sha256) for jar in self.jars)
        yield from dict.fromkeys((f"userData/{file.file_name}", file.sha256) for file in self.files)

    def blobs(self) -> frozenset[str]:
        """Every content that the sheet names; none of it is deleted while the sheet is kept."""
        return frozenset(sha256 for _, sha256 in self.contents())
