"""Whether a job that broke is tried again, after which pause, and from which state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from penstock.domain.job import Job
from penstock.domain.observation import Retained

_LONGEST = timedelta(seconds=60)
_QUIET = timedelta(minutes=10)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Resumption:
    """What the next run begins from: a checkpoint, or (empty) what the run sheet says."""

    checkpoint: str = ""
    left_behind: str = ""


def may_restart(job: Job, now: datetime) -> bool:
    """The caller wants it, and the last hour had fewer restarts, Flink's and ours, than they allow (-1: no limit)."""
    allowed = job.spec.resume_max_num
    recent = sum(now - at < _HOUR for at in job.restarts)
    return job.spec.restart_when_exception and (allowed < 0 or recent < allowed)


def pause_before(job: Job, now: datetime) -> timedelta:
    """The first restart comes at once, the next ones after 1, 2, 4 … 60 s; ten quiet minutes begin anew.

    The jitter (up to a tenth) follows from the job's id, so that jobs that broke together do not return together.
    """
    if not (streak := _streak(job, now)):
        return timedelta()
    pause = min(_LONGEST, timedelta(seconds=2 ** min(streak - 1, 10)))
    return pause * (1 + (job.id * 7919 % 101) / 1000)


def resumption(job: Job, retained: Retained) -> Resumption | None:
    """Where the next run begins, or None where a job that had state could only begin empty: it never does by itself."""
    if not job.spec.resume_checkpoint:
        return Resumption(left_behind=retained.checkpoint)
    if retained.checkpoint:
        return Resumption(checkpoint=retained.checkpoint)
    if retained.had_state:
        return None
    return Resumption(checkpoint=job.run.restore_from if job.run else "")


def _streak(job: Job, now: datetime) -> int:
    """How many restarts followed each other without ten quiet minutes, up to now."""
    times = [*job.restarts, now]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    quiet = [index for index, gap in enumerate(gaps) if gap >= _QUIET]
    return len(gaps) - (quiet[-1] + 1 if quiet else 0)
