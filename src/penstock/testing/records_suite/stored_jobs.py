"""Jobs that a test finds in its records, and what its tests compare them by."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from penstock.domain.caller import ProjectId
from penstock.domain.job import Job
from penstock.ports.records import Records, Tx
from penstock.testing.builders import (
    stored,
)

ELSEWHERE = ProjectId("e" * 32)
SECOND = timedelta(seconds=1)


async def put(records: Records, *jobs: Job) -> list[Job]:
    """The jobs as they are kept, in the order given; names are made different where they are not."""

    def put_all(tx: Tx) -> list[Job]:
        return [stored(tx, _renamed(job, number)) for number, job in enumerate(jobs)]

    return await records.change(put_all)


def ids(jobs: Sequence[Job]) -> list[int]:
    return [job.id for job in jobs]


def _renamed(job: Job, number: int) -> Job:
    return replace(job, spec=replace(job.spec, name=f"job-{number}")) if job.spec.name == "test" else job
