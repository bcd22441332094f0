"""One try at running a job; its name exists before anything is started under it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from penstock.domain.footprint import Footprint
from penstock.domain.run_sheet import SheetId

JobId = NewType("JobId", int)
RunId = NewType("RunId", str)  # 24 lower-case hex digits
InstallationId = NewType("InstallationId", str)  # 8 lower-case hex digits

_RUN = re.compile(r"[0-9a-f]{24}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run holds its room until it is seen absent."""

    id: RunId
    job_id: JobId
    sheet_id: SheetId
    place: str
    footprint: Footprint
    admitted_at: datetime
    started_at: datetime | None = None  # when all its tasks ran for the first time
    absent_at: datetime | None = None  # when its place said that nothing of it is left
    restore_from: str = ""  # the checkpoint it begins from; empty: what its sheet says
    flink_restarts: int = 0  # how often Flink restarted it in place, as last seen
    logs_shipped_at: datetime | None = None  # when the last of its logs was shipped, or given up (a fact says so)

    @property
    def is_live(self) -> bool:
        return self.absent_at is None


def flink_job_id(installation: InstallationId, run: RunId) -> str:
    """The id that Flink knows the run by: 8 digits of the installation, 24 of the run."""
    return f"{installation}{run}"


def run_of(installation: InstallationId, job_id: str) -> RunId | None:
    """The run behind one of Flink's job ids, or None if another installation (or a person) made it."""
    run = job_id[8:]
    return RunId(run) if job_id.startswith(installation) and _RUN.match(run) else None
