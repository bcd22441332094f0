"""Flink's words for states, and ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from penstock.domain.observation import SavepointSeen, Seen

_PLAIN = {
    "INITIALIZING": Seen.STARTING,
    "CREATED": Seen.STARTING,
    "RECONCILING": Seen.STARTING,
    "RESTARTING": Seen.RESTARTING,
    "FAILING": Seen.RESTARTING,  # on its way to a restart or to FAILED; which, it does not say
    "FAILED": Seen.FAILED,
    "CANCELLING": Seen.CANCELLING,
    "CANCELED": Seen.CANCELED,
    "FINISHED": Seen.FINISHED,
    "SUSPENDED": Seen.UNREACHABLE,  # its JobManager is going down; what follows is seen at the process
}
_SAVEPOINTS = {"IN_PROGRESS": SavepointSeen.IN_PROGRESS, "COMPLETED": SavepointSeen.COMPLETED}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job as `/jobs/overview` shows it: the state, and how many tasks are in which."""

    id: str
    state: str
    tasks: Mapping[str, int] = field(default_factory=dict)
    changed_at_ms: int = 0

    @property
    def is_whole(self) -> bool:
        """Every task runs, or has run to its end."""
        total = self.tasks.get("total", 0)
        return total > 0 and self.tasks.get("running", 0) + self.tasks.get("finished", 0) == total

    @property
    def waits_for_slots(self) -> bool:
        """A task that has its slot is being deployed; one that is only scheduled has none yet."""
        return self.tasks.get("scheduled", 0) > 0


def seen_of(view: JobView, *, ran: bool) -> Seen:
    """`ran` says that all its tasks ran before: then a job whose tasks are being deployed is one that restarts."""
    if view.state == "RUNNING":
        if view.is_whole:
            return Seen.RUNNING
        return Seen.RESTARTING if ran else Seen.STARTING
    return _PLAIN.get(view.state, Seen.UNREACHABLE)


def savepoint_seen(status: str) -> SavepointSeen:
    return _SAVEPOINTS.get(status, SavepointSeen.UNKNOWN)
