"""Buckets and log cursors in memory."""

from collections.abc import Sequence
from dataclasses import replace

from penstock.domain.bucket import Bucket
from penstock.domain.caller import ProjectId
from penstock.domain.log import LogCursor, SubmitLog
from penstock.domain.run import JobId, RunId


class MemoryBuckets:
    """`ports.buckets.Buckets` over a dictionary."""

    def __init__(self, buckets: dict[tuple[ProjectId, str], Bucket]) -> None:
        self._buckets = buckets

    def add(self, bucket: Bucket) -> Bucket:
        return self._buckets.setdefault((bucket.project_id, bucket.name), bucket)

    def find(self, project_id: ProjectId, name: str) -> Bucket | None:
        return self._buckets.get((project_id, name))

    def list(self, project_id: ProjectId) -> Sequence[Bucket]:
        return [bucket for (owner, _), bucket in sorted(self._buckets.items()) if owner == project_id]

    def mapped(self) -> Sequence[Bucket]:
        return [bucket for _, bucket in sorted(self._buckets.items()) if bucket.location]

    def authorise(self, project_id: ProjectId, name: str) -> None:
        if bucket := self.find(project_id, name):
            self._buckets[project_id, name] = replace(bucket, authorised=True)

    def delete(self, project_id: ProjectId, name: str) -> bool:
        return self._buckets.pop((project_id, name), None) is not None


class MemoryLogCursors:
    """`ports.buckets.LogCursors` over a dictionary."""

    def __init__(self, cursors: dict[tuple[RunId, str, str], LogCursor]) -> None:
        self._cursors = cursors

    def of_run(self, run: RunId) -> Sequence[LogCursor]:
        return [cursor for cursor in self._cursors.values() if cursor.run == run]

    def save(self, cursor: LogCursor) -> None:
        self._cursors[cursor.run, cursor.file, cursor.incarnation] = cursor

    def forget(self, run: RunId) -> None:
        for key in [key for key in self._cursors if key[0] == run]:
            del self._cursors[key]


class MemorySubmitLogs:
    """`ports.buckets.SubmitLogs` over a dictionary."""

    def __init__(self, logs: dict[tuple[JobId, int], SubmitLog]) -> None:
        self._logs = logs

    def add(self, log: SubmitLog) -> None:
        self._logs[log.job_id, log.version] = log

    def due(self) -> Sequence[SubmitLog]:
        return sorted(self._logs.values(), key=lambda log: (log.refused_at, log.job_id, log.version))[:100]

    def forget(self, log: SubmitLog) -> bool:
        return self._logs.pop((log.job_id, log.version), None) is not None
