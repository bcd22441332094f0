"""What an engine says about a run, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from penstock.domain.run import RunId
from penstock.domain.savepoint import SavepointId


class Seen(StrEnum):
    """How the run looks from its place."""

    ABSENT = "absent"  # nothing of it exists there
    WAITING = "waiting"  # it has a claim, but waits for its turn to start
    PREPARING = "preparing"  # its processes start, or its main() runs; Flink has no job of it yet
    STARTING = "starting"  # Flink has the job; not every task runs
    RUNNING = "running"  # Flink says that every task runs
    RESTARTING = "restarting"  # Flink restarts it in place
    CANCELLING = "cancelling"
    CANCELED = "canceled"
    FINISHED = "finished"
    FAILED = "failed"  # Flink gave it up; `said` is its root cause
    REFUSED = "refused"  # it can never start as it is; `said` is why
    LOST = "lost"  # it was there, and its processes are gone
    UNREACHABLE = "unreachable"  # its place does not answer: no statement about the run


ENDED = frozenset({Seen.CANCELED, Seen.FINISHED, Seen.FAILED, Seen.REFUSED, Seen.LOST})


@dataclass(frozen=True, slots=True)
class Retained:
    """What state a run that ended has left: the newest checkpoint that can be read, and whether there ever was one."""

    checkpoint: str = ""
    had_state: bool = False


class SavepointSeen(StrEnum):
    """How a savepoint looks from its place."""

    UNKNOWN = "unknown"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SavepointNews:
    """What became of one savepoint; `path` when completed, `said` when failed."""

    seen: SavepointSeen
    path: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one run."""

    run: RunId
    seen: Seen
    said: str = ""  # Flink's or the engine's own words, for people
    since: datetime | None = None  # start of the start for WAITING..STARTING; of the silence for UNREACHABLE
    damaged: bool = False  # a process of it is gone, though Flink lives: launch again makes it whole
    restarts: int = 0  # how often Flink restarted it in place
    halted: bool = False  # no process of it is left, by our own doing: its logs are final
    savepoints: Mapping[SavepointId, SavepointNews] = field(default_factory=dict)
    retained: Retained = Retained()  # asked for only where a run ended unasked and its job may begin again
    address: str = ""  # of Flink's REST, for operators
