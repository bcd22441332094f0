"""A savepoint as it is kept: at its place, in a bucket, or in both."""

from dataclasses import dataclass, replace
from datetime import datetime

from penstock.domain.object_path import ObjectPath
from penstock.domain.run import JobId
from penstock.domain.savepoint import Savepoint, SavepointId

METADATA_HEAD = 8  # bytes that tell metadata of Flink from anything else
_MAGIC = b"\x49\x60\x67\x2d"
_VERSIONS = range(1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSavepoint:
    """One that a run can begin from: where Flink wrote it, where its copy belongs, or both."""

    id: SavepointId
    job_id: JobId
    made_at: datetime
    place: str = ""  # whose runs can read it, and
    path: str = ""  # its address there, as Flink writes it; both empty where nothing of it is at any place
    copy: str = ""  # its own folder, as `bucket/key`; empty: there is none
    copied_at: datetime | None = None  # since when the copy is whole

    @property
    def is_copied(self) -> bool:
        return self.copied_at is not None

    @property
    def shown(self) -> str:
        """Where it is, for people: in its bucket once it is whole there."""
        return self.copy if self.is_copied else self.path

    @classmethod
    def of(cls, asked: Savepoint, job_id: JobId, place: str, path: str, now: datetime) -> "KeptSavepoint":
        """The one that was asked for, as Flink made it. A copy lies in a folder named like Flink's own, so that two
        savepoints with one target stay apart."""
        folder = path.rstrip("/").rpartition("/")[2]
        copy = f"{asked.copy_to}/{folder}" if asked.copy_to else ""
        return cls(id=asked.id, job_id=job_id, made_at=now, place=place, path=path, copy=copy)

    def copied(self, now: datetime) -> "KeptSavepoint":
        return replace(self, copied_at=now)

    def without_copy(self) -> "KeptSavepoint":
        """It stays where Flink wrote it, and nowhere else."""
        return replace(self, copy="")

    def at(self, place: str, path: str) -> "KeptSavepoint":
        """Its files are there now (nowhere: empty), beside the copy."""
        return replace(self, place=place, path=path)


def default_target(bucket: str, job_id: JobId, now: datetime) -> str:
    """Where copies go that are asked for without a path (terraform-provider-huaweicloud, dli flink job: the default of
    `savepoint_path`), or nowhere if the job has no bucket."""
    return f"{bucket}/jobs/savepoint/{job_id}/{now:%Y-%m-%d_%H-%M-%S}" if bucket else ""


def target_of(folder: ObjectPath) -> str:
    """A folder of a bucket as `bucket/key`."""
    return f"{folder.bucket}/{folder.key}" if folder.key else folder.bucket


def begins_as_metadata(data: bytes) -> bool:
    """As Flink's serializers begin it (Flink 1.20, `runtime.checkpoint.Checkpoints`: HEADER_MAGIC_NUMBER 0x4960672d, then
    the version as an int)."""
    return data[:4] == _MAGIC and int.from_bytes(data[4:METADATA_HEAD], "big") in _VERSIONS
