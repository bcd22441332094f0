"""The logs of a run: files that grow, are rolled, and are copied to a bucket piece by piece.

A file of a name is one stream, however often it is rolled: each *incarnation* of it goes on where the one before
ended. A copy is an object that is named by the position in the stream at which it begins, so copying again is harmless.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from penstock.domain.alarm import sentence_of
from penstock.domain.caller import ProjectId
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId, RunId

PIECE = 4 * 1024 * 1024  # bytes of an object, at most; what a reader and a writer hold in memory
_DIGITS = 15  # of a position: enough for a petabyte, and the order of the names is that of the stream
_PIECE_NAME = re.compile(rf"(?P<stream>.+)\.(?P<at>[0-9]{{{_DIGITS}}})\.log\Z")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as its place has it now."""

    name: str  # of the stream: `jobmanager.log`, `taskmanager-1.out`
    incarnation: str  # which file it is, whatever it is called by now
    size: int  # bytes
    grows: bool = True  # only the newest incarnation of a name does, and that only while the run is not halted


@dataclass(frozen=True, slots=True)
class LogListing:
    """Every log file of a run: of one name the oldest incarnation first. `is_final`: nothing is added any more."""

    files: tuple[LogFile, ...] = ()
    is_final: bool = False
    refused: tuple[str, ...] = ()  # what stands among them but is no plain file of its owner: a link, a pipe


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCursor:
    """How much of one incarnation is in the bucket."""

    run: RunId
    file: str
    incarnation: str
    begins: int  # its first byte's position in the stream
    shipped: int  # bytes of it
    whole: bool = False  # it grows no more, and all of it is shipped

    @property
    def end(self) -> int:
        """The position in the stream up to which it is shipped."""
        return self.begins + self.shipped

    @property
    def piece(self) -> int:
        """Where in the incarnation the object begins that the next bytes belong to; it is written anew as it grows."""
        return self.shipped - self.shipped % PIECE


@dataclass(frozen=True, slots=True)
class LogPiece:
    """What the name of an object says of it."""

    stream: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitLog:
    """What a submission leaves that was refused before it had a run: an object that is still to be stored.

    It stays as it was written, whatever becomes of the job; the same one is stored under the same key, however often.
    """

    job_id: JobId
    version: int  # of the job when it was refused: no two refusals have the same
    project_id: ProjectId
    bucket: str
    key: str
    text: str
    refused_at: datetime


def log_folder(job: Job) -> str:
    """Where in the bucket the logs of its newest run go (dli: "Viewing the running logs of a Flink job"); those of a
    submission that failed have a place of their own."""
    kind = "submit-client/" if job.state is State.LAUNCH_FAILED else "application_"
    return f"jobs/logs/{job.id}_{job.spec.name}/{kind}{job.run.id if job.run else ''}"


def submit_log(job: Job) -> str:
    """What a failed submission leaves: when it failed, and why."""
    run = f" of run {job.live_run.id}" if job.live_run else ""
    return f"{job.moved_at.isoformat()} The submission{run} failed.\n{sentence_of(job.reason)}\n"


def refusal_log(job: Job) -> SubmitLog | None:
    """What a job leaves that was just refused without a run, None if it wants no logs. `job` is as it was saved."""
    if not job.spec.log_enabled or not job.spec.obs_bucket:
        return None
    folder = f"jobs/logs/{job.id}_{job.spec.name}/submit-client/{job.moved_at:%Y%m%dT%H%M%SZ}-{job.version}"
    return SubmitLog(
        job_id=job.id,
        version=job.version,
        project_id=job.project_id,
        bucket=job.spec.obs_bucket,
        key=f"{folder}/submit.log",
        text=submit_log(job),
        refused_at=job.moved_at,
    )


def piece_name(file: str, at: int) -> str:
    """`jobmanager.000000000000000.log`, and `jobmanager.out.000000000000000.log` beside it."""
    return f"{file.removesuffix('.log')}.{at:0{_DIGITS}}.log"


def piece_of(name: str) -> LogPiece | None:
    """What `piece_name` made it of, None if it made no such name."""
    found = _PIECE_NAME.match(name)
    return LogPiece(found["stream"], int(found["at"])) if found else None


def end_of(cursors: Sequence[LogCursor], file: str) -> int:
    """Where the next incarnation of this file begins in the stream."""
    return max((cursor.end for cursor in cursors if cursor.file == file), default=0)
