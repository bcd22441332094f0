"""Whether a job that broke is tried again, and after which pause."""

from datetime import datetime, timedelta

from penstock.domain.job import Job

_LONGEST = timedelta(seconds=60)
_QUIET = timedelta(minutes=10)


def may_restart(job: Job) -> bool:
    """The caller wants it, and has not had as many restarts as they allowed (-1: no limit)."""
    allowed = job.spec.resume_max_num
    return job.spec.restart_when_exception and (allowed < 0 or job.restart_times < allowed)


def pause_before(job: Job, now: datetime) -> timedelta:
    """The first restart comes at once, the next ones after 1, 2, 4 … 60 s; ten quiet minutes begin anew.

    The jitter (up to a tenth) follows from the job's id, so that jobs that broke together do not return together.
    """
    quiet = job.started_at is not None and now - job.started_at >= _QUIET
    if quiet or job.restart_times == 0:
        return timedelta()
    pause = min(_LONGEST, timedelta(seconds=2 ** min(job.restart_times - 1, 10)))
    return pause * (1 + (job.id * 7919 % 101) / 1000)
