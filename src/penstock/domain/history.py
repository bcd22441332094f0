"""One line of a job's history: what happened, when, and why."""

from dataclasses import dataclass
from datetime import datetime

from penstock.domain.lifecycle import State
from penstock.domain.reason import Reason
from penstock.domain.run import JobId, RunId


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`what` is a news value (`seen_running`) or a note: `created`, `edited`, `deleted`, `flink_restarted`, `run_cleared`,
    `alarm_written`, `alarm_dropped`, `alarm_delivered`, `alarm_given_up`."""

    job_id: JobId
    run_id: RunId | None
    at: datetime
    what: str
    before: State
    after: State
    reason: Reason
    request_id: str = ""  # of the request that caused it; a controller's facts carry the one that last asked
