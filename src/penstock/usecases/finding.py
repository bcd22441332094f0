"""A job of the caller's project, found; and changed although somebody else may change it at the same moment."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from penstock.domain.errors import NotFound, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.job import Job
from penstock.domain.run import JobId
from penstock.ports.records import Tx
from penstock.usecases.errand import Errand

R = TypeVar("R")

_TRIES = 5


async def patiently(attempt: Callable[[], Awaitable[R]]) -> R:
    """Whoever wrote first wins, and the other looks again; a few times."""
    for _ in range(_TRIES - 1):
        try:
            return await attempt()
        except StaleWrite:
            continue
    return await attempt()


def found_in(tx: Tx, errand: Errand, job_id: JobId) -> Job:
    """The job, if the project has it. Raises NotFound."""
    job = tx.jobs.find(errand.project_id, job_id)
    if job is None:
        raise NotFound([Fault.at("job_id", FaultCode.JOB_UNKNOWN, job=job_id)])
    return job
