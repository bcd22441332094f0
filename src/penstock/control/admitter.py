"""Compares waiting jobs with free room, and gives those who may start now their run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from penstock.control.leases import LeaseKeeper
from penstock.control.telling import write_alarms, write_refusal
from penstock.control.tools import Tools
from penstock.domain.admission import Answer, Scene, Verdict, pick
from penstock.domain.footprint import Footprint, Room
from penstock.domain.job import Job
from penstock.domain.lifecycle import News
from penstock.domain.run import Run, RunId
from penstock.ports.records import Lease, Tx

RUN_DIGITS = 24
_EVERY = 2.0  # seconds between rounds that nobody rang for


class Admitter:
    """Rooms are read before the transaction, never inside it."""

    def __init__(
        self, tools: Tools, rooms: Callable[[], Mapping[str, Room]], default_place: str, lease: LeaseKeeper
    ) -> None:
        """`rooms` are those of the places that this controller looks after."""
        self._records = tools.records
        self._clock = tools.clock
        self._ids = tools.ids
        self._rooms = rooms
        self._default_place = default_place
        self._lease = lease

    async def look(self) -> float:
        """One round: every waiting job gets its answer in one transaction."""
        if await self._records.look(_is_anyone_waiting):
            await self._records.change(self._admit, self._lease.current, self._rooms())
        return _EVERY

    def _admit(self, tx: Tx, lease: Lease, rooms: Mapping[str, Room]) -> None:
        tx.leases.demand(lease)
        scene = Scene(
            queues={(queue.project_id, queue.name): queue for queue in tx.queues.all()},
            holders=tx.jobs.holding_room(),
            rooms={**_rooms_elsewhere(tx, self._clock.now()), **rooms},
            default_place=self._default_place,
        )
        for answer in pick(_restarts_first(tx.jobs.waiting()), scene):
            self._write_down(tx, answer, self._clock.now())

    def _write_down(self, tx: Tx, answer: Answer, now: datetime) -> None:
        job = answer.job
        if answer.verdict is Verdict.WAIT:
            if job.reason != answer.reason:
                tx.jobs.save(replace(job, reason=answer.reason))
            return
        if answer.verdict is Verdict.ADMIT and answer.footprint is not None:
            job = replace(job, run=self._new_run(job, answer.place, answer.footprint, now))
            news = News.ADMITTED
        else:
            news = News.ADMISSION_REFUSED
        moved, fact = job.hear(news, now, answer.reason)
        saved = tx.jobs.save(moved)
        tx.history.add(fact)
        write_alarms(tx, moved, [fact])
        if news is News.ADMISSION_REFUSED:
            write_refusal(tx, saved)

    def _new_run(self, job: Job, place: str, footprint: Footprint, now: datetime) -> Run:
        if job.sheet_id is None:
            raise ValueError(f"job {job.id} waits without a run sheet")
        return Run(
            id=RunId(self._ids.hex(RUN_DIGITS)),
            job_id=job.id,
            sheet_id=job.sheet_id,
            place=place,
            footprint=footprint,
            admitted_at=now,
            restore_from=job.restore_from,
        )


def _rooms_elsewhere(tx: Tx, now: datetime) -> Mapping[str, Room]:
    """Of the places that a controller looks after now, as it wrote them down."""
    return {report.name: report.room for report in tx.places.all() if report.is_fresh(now)}


def _is_anyone_waiting(tx: Tx) -> bool:
    return bool(tx.jobs.waiting())


def _restarts_first(jobs: Sequence[Job]) -> list[Job]:
    """A job that restarts itself has its room already; a stable sort keeps the order of the others."""
    return sorted(jobs, key=lambda job: not job.restarts_itself)
