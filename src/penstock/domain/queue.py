"""CUs that jobs share, and the place that they stand for."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from penstock.domain.caller import ProjectId
from penstock.domain.faults import Fault, FaultCode

QueueId = NewType("QueueId", int)

_NAME = re.compile(r"(?!_)(?!\d+\Z)[A-Za-z0-9_]+\Z")
_CUS = (1, 10_000)
_NAME_LIMIT = 128
_DESCRIPTION_LIMIT = 256


class QueueType(StrEnum):
    """What a queue is for; jar jobs want `general`."""

    SQL = "sql"
    GENERAL = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSpec:
    """What a caller says of a queue when making it; `place` empty means the default place."""

    name: str
    cu_count: int
    queue_type: str = QueueType.SQL
    description: str = ""
    resource_mode: int = 0
    place: str = ""
    charging_mode: int = 1
    enterprise_project_id: str = "0"
    platform: str = "x86_64"
    feature: str = "basic"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue of one project; its name is kept in lower case and matched whatever its case."""

    id: QueueId
    project_id: ProjectId
    spec: QueueSpec
    owner: str
    created_at: datetime

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def runs_jar_jobs(self) -> bool:
        """DLI runs jar jobs on dedicated general queues only (DLI.13009)."""
        return self.spec.resource_mode == 1 and self.spec.queue_type == QueueType.GENERAL


def queue_faults_of(spec: QueueSpec) -> list[Fault]:
    """Everything wrong with a new queue (dli: queues, 'Create fields'; DLI.20003, 20008-20012)."""
    faults = []
    if not spec.name or len(spec.name) > _NAME_LIMIT:
        faults.append(Fault.at("queue_name", FaultCode.QUEUE_NAME_TOO_LONG, limit=_NAME_LIMIT, given=len(spec.name)))
    elif not _NAME.match(spec.name):
        faults.append(Fault.at("queue_name", FaultCode.QUEUE_NAME_INVALID, queue=spec.name))
    if len(spec.description) > _DESCRIPTION_LIMIT:
        given = len(spec.description)
        code = FaultCode.QUEUE_DESCRIPTION_TOO_LONG
        faults.append(Fault.at("description", code, limit=_DESCRIPTION_LIMIT, given=given))
    if not _CUS[0] <= spec.cu_count <= _CUS[1]:
        low, high = _CUS
        faults.append(Fault.at("cu_count", FaultCode.QUEUE_CUS_INVALID, low=low, high=high, given=spec.cu_count))
    if spec.queue_type not in set(QueueType):
        faults.append(Fault.at("queue_type", FaultCode.QUEUE_TYPE_INVALID, given=spec.queue_type))
    return faults
