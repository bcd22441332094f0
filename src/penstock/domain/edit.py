"""What may be changed of a job in which state.

dli: "Updating a Flink jar job" refuses a job that is running or being submitted (DLI.12003); the runtime configuration of
the console changes a few fields of a running one, and its name and description may change in any state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import SETTLED, State
from penstock.domain.spec import JobSpec, faults_of

# Beside these, a run follows its run sheet, which is fixed when it is asked for.
ANY_TIME = frozenset({"name", "desc", "tags"})
WHILE_ACTIVE = ANY_TIME | {
    "checkpoint_path",
    "log_enabled",
    "obs_bucket",
    "restart_when_exception",
    "resume_checkpoint",
    "resume_max_num",
    "smn_topic",
}
AT_REST = SETTLED | {State.DRAFT}
ACTIVE = frozenset({State.QUEUED, State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.RESTARTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A spec as it was, and as it is to be."""

    before: JobSpec
    after: JobSpec

    @classmethod
    def of(cls, spec: JobSpec, changes: Mapping[str, Any]) -> "Edit":
        """Fields that are not named stay as they are."""
        return cls(before=spec, after=replace(spec, **changes))

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that differ, in the order of the spec; a field that was only sent again is not among them."""
        names = (field.name for field in fields(JobSpec))
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))

    def faults(self, state: State) -> list[Fault]:
        """What the state forbids, then what the new spec has wrong that the old one had not."""
        old = faults_of(self.before)
        return [*self._forbidden(state), *(fault for fault in faults_of(self.after) if fault not in old)]

    def _forbidden(self, state: State) -> list[Fault]:
        if state in AT_REST:
            return []
        allowed = WHILE_ACTIVE if state in ACTIVE else ANY_TIME
        code = FaultCode.JOB_ACTIVE if state in ACTIVE else FaultCode.JOB_NOT_EDITABLE
        frozen = [name for name in self.changed if name not in allowed]
        return [Fault.at(frozen[0], code, state=state.value, fields=", ".join(frozen))] if frozen else []
