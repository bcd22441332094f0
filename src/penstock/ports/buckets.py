"""What we ask of our memory about buckets, and about the logs that are copied to them."""

from collections.abc import Sequence
from typing import Protocol

from penstock.domain.bucket import Bucket
from penstock.domain.caller import ProjectId
from penstock.domain.log import LogCursor, SubmitLog
from penstock.domain.run import RunId


class Buckets(Protocol):
    """Buckets by project and name; names are as given."""

    def add(self, bucket: Bucket) -> Bucket:
        """The one of that name from now on: it stays as it was if it was there."""
        ...

    def find(self, project_id: ProjectId, name: str) -> Bucket | None: ...

    def list(self, project_id: ProjectId) -> Sequence[Bucket]:
        """In the order of the names, as their letters are numbered in Unicode."""
        ...

    def mapped(self) -> Sequence[Bucket]:
        """Those of every project that have a location, by project and name."""
        ...

    def authorise(self, project_id: ProjectId, name: str) -> None:
        """Jobs may name it from now on. Nothing happens where there is none."""
        ...

    def delete(self, project_id: ProjectId, name: str) -> bool:
        """Whether there was one."""
        ...


class LogCursors(Protocol):
    """How far the logs of runs are shipped."""

    def of_run(self, run: RunId) -> Sequence[LogCursor]: ...

    def save(self, cursor: LogCursor) -> None:
        """The one of this run, file and incarnation from now on."""
        ...

    def forget(self, run: RunId) -> None:
        """All of the run."""
        ...


class SubmitLogs(Protocol):
    """What refused submissions leave and is not in its bucket yet."""

    def add(self, log: SubmitLog) -> None: ...

    def due(self) -> Sequence[SubmitLog]:
        """The oldest first, a hundred at most."""
        ...

    def forget(self, log: SubmitLog) -> bool:
        """Whether it was there."""
        ...
