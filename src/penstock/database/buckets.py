"""What we ask of buckets, and of the logs that are copied to them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from penstock.database.dialect import insert_into
from penstock.database.documents import ms_from, time_from
from penstock.database.tables import buckets, log_cursors, submit_logs
from penstock.domain.bucket import Bucket
from penstock.domain.caller import ProjectId
from penstock.domain.location import Location
from penstock.domain.log import LogCursor, SubmitLog
from penstock.domain.run import JobId, RunId

_DUE_AT_ONCE = 100


class DatabaseBuckets:
    """`ports.buckets.Buckets` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, bucket: Bucket) -> Bucket:
        values = {
            "project_id": bucket.project_id,
            "name": bucket.name,
            "authorised": bucket.authorised,
            "created_at_ms": ms_from(bucket.created_at),
            "location": str(bucket.location or ""),
        }
        keys = list(buckets.primary_key.columns)
        statement = insert_into(buckets, self._connection.dialect).values(values)
        self._connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
        return self.find(bucket.project_id, bucket.name) or bucket

    def find(self, project_id: ProjectId, name: str) -> Bucket | None:
        row = self._connection.execute(select(buckets).where(*_is(project_id, name))).one_or_none()
        return bucket_from(row) if row else None

    def list(self, project_id: ProjectId) -> Sequence[Bucket]:
        rows = self._connection.execute(select(buckets).where(buckets.c.project_id == project_id))
        # Databases disagree about the order of letters.
        return sorted((bucket_from(row) for row in rows), key=lambda bucket: bucket.name)

    def mapped(self) -> Sequence[Bucket]:
        rows = self._connection.execute(select(buckets).where(buckets.c.location != ""))
        return sorted((bucket_from(row) for row in rows), key=lambda bucket: (bucket.project_id, bucket.name))

    def authorise(self, project_id: ProjectId, name: str) -> None:
        self._connection.execute(update(buckets).where(*_is(project_id, name)).values(authorised=True))

    def delete(self, project_id: ProjectId, name: str) -> bool:
        return self._connection.execute(delete(buckets).where(*_is(project_id, name))).rowcount > 0


class DatabaseLogCursors:
    """`ports.buckets.LogCursors` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_run(self, run: RunId) -> Sequence[LogCursor]:
        rows = self._connection.execute(select(log_cursors).where(log_cursors.c.run_id == run))
        return [cursor_from(row) for row in rows]

    def save(self, cursor: LogCursor) -> None:
        values = {("run_id" if name == "run" else name): value for name, value in asdict(cursor).items()}
        statement = insert_into(log_cursors, self._connection.dialect).values(values)
        moved = {name: statement.excluded[name] for name in ("begins", "shipped", "whole")}
        keys = list(log_cursors.primary_key.columns)
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=moved))

    def forget(self, run: RunId) -> None:
        self._connection.execute(delete(log_cursors).where(log_cursors.c.run_id == run))


class DatabaseSubmitLogs:
    """`ports.buckets.SubmitLogs` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, log: SubmitLog) -> None:
        values = {
            "job_id": log.job_id,
            "job_version": log.version,
            "project_id": log.project_id,
            "bucket": log.bucket,
            "key": log.key,
            "text": log.text,
            "refused_at_ms": ms_from(log.refused_at),
        }
        self._connection.execute(insert(submit_logs), values)

    def due(self) -> Sequence[SubmitLog]:
        oldest_first = submit_logs.c.refused_at_ms, submit_logs.c.job_id, submit_logs.c.job_version
        rows = self._connection.execute(select(submit_logs).order_by(*oldest_first).limit(_DUE_AT_ONCE))
        return [submit_log_from(row) for row in rows]

    def forget(self, log: SubmitLog) -> bool:
        one = submit_logs.c.job_id == log.job_id, submit_logs.c.job_version == log.version
        return self._connection.execute(delete(submit_logs).where(*one)).rowcount > 0


def bucket_from(row: Row[*tuple[object, ...]]) -> Bucket:
    return Bucket(
        project_id=ProjectId(row.project_id),
        name=row.name,
        authorised=row.authorised,
        created_at=time_from(row.created_at_ms),
        location=Location.parse(row.location) if row.location else None,
    )


def cursor_from(row: Row[*tuple[object, ...]]) -> LogCursor:
    return LogCursor(
        run=RunId(row.run_id),
        file=row.file,
        incarnation=row.incarnation,
        begins=row.begins,
        shipped=row.shipped,
        whole=row.whole,
    )


def submit_log_from(row: Row[*tuple[object, ...]]) -> SubmitLog:
    return SubmitLog(
        job_id=JobId(row.job_id),
        version=row.job_version,
        project_id=ProjectId(row.project_id),
        bucket=row.bucket,
        key=row.key,
        text=row.text,
        refused_at=time_from(row.refused_at_ms),
    )


def _is(project_id: ProjectId, name: str) -> tuple[ColumnElement[bool], ...]:
    return buckets.c.project_id == project_id, buckets.c.name == name
