"""What a job is made of, looked up: its queue, packages and bucket, and what is wrong about them."""

from dataclasses import dataclass

from penstock.domain.bucket import bucket_name_faults
from penstock.domain.caller import ProjectId
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.object_path import object_path_of
from penstock.domain.package import PackageName
from penstock.domain.queue import Queue
from penstock.domain.run_sheet import Part
from penstock.domain.spec import QUEUE_NAME_LIMIT, JobSpec
from penstock.domain.topic import topic_faults_of
from penstock.ports.records import Tx
from penstock.usecases.sources import Pins


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """As it was at one moment; equal material gives equal runs. What was not found is missing here and a fault."""

    queue: Queue | None
    entrypoint: Part | None
    jars: tuple[Part, ...]
    files: tuple[Part, ...]
    unknown: tuple[Fault, ...]
    pins: Pins


def look_up(tx: Tx, project_id: ProjectId, spec: JobSpec, pins: Pins) -> Material:
    """One look, in one transaction; what objects hold was found before it."""
    unknown: list[Fault] = []

    def parts(field: str, names: tuple[str, ...]) -> tuple[Part, ...]:
        sound = [name for name in names if PackageName.parse(name) or object_path_of(name)]
        found = [_part(tx, project_id, field, name, pins) for name in dict.fromkeys(sound)]
        unknown.extend(fault for fault in found if isinstance(fault, Fault))
        return tuple(part for part in found if isinstance(part, Part))

    queue = _queue(tx, project_id, spec.queue_name)
    if spec.queue_name and queue is None and len(spec.queue_name) <= QUEUE_NAME_LIMIT:
        unknown.append(Fault.at("queue_name", FaultCode.QUEUE_UNKNOWN, queue=spec.queue_name))
    if not _may_name_bucket(tx, project_id, spec.obs_bucket):
        unknown.append(Fault.at("obs_bucket", FaultCode.BUCKET_UNAUTHORISED, bucket=spec.obs_bucket))
    if spec.smn_topic and not _has_topic(tx, project_id, spec.smn_topic):
        unknown.append(Fault.at("smn_topic", FaultCode.TOPIC_UNKNOWN, topic=spec.smn_topic))
    return Material(
        queue=queue,
        entrypoint=next(iter(parts("entrypoint", (spec.entrypoint,))), None),
        jars=parts("dependency_jars", spec.dependency_jars),
        files=parts("dependency_files", spec.dependency_files),
        unknown=tuple(unknown),
        pins=pins,
    )


def _may_name_bucket(tx: Tx, project_id: ProjectId, name: str) -> bool:
    """Log on or off: a bucket that is named must be authorised (dli-contract rule 11)."""
    if not name or bucket_name_faults(name, "obs_bucket"):
        return True  # there is nothing to look up; a wrong name is a fault of its own
    bucket = tx.buckets.find(project_id, name)
    return bucket is not None and bucket.authorised


def _has_topic(tx: Tx, project_id: ProjectId, name: str) -> bool:
    return not topic_faults_of(name, "") and tx.topics.find(project_id, name) is not None


def _queue(tx: Tx, project_id: ProjectId, name: str) -> Queue | None:
    return tx.queues.find(project_id, name) if name else None


def _part(tx: Tx, project_id: ProjectId, field: str, text: str, pins: Pins) -> Part | Fault:
    if text in pins:
        return Part(text, pins[text])
    name = PackageName.parse(text)
    package = tx.packages.find(project_id, name) if name else None
    if package is None:
        return Fault.at(field, FaultCode.PACKAGE_UNKNOWN, package=text)
    return Part(text, package.sha256) if package.has_content else package.lack(field)
