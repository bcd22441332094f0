"""Who may start now: queues give CUs in the order asked, places give room across queues, nobody overtakes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from penstock.domain.footprint import Footprint, Room, footprint_of
from penstock.domain.job import Job
from penstock.domain.queue import Queue
from penstock.domain.reason import Reason, ReasonCode

QueueKey = tuple[str, str]  # project, lower-case name


class Verdict(Enum):
    """What becomes of a waiting job in this pass."""

    ADMIT = "admit"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Answer:
    """`place` and `footprint` are what an admitted job's run gets."""

    job: Job
    verdict: Verdict
    reason: Reason
    place: str = ""
    footprint: Footprint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What admission looks at; `rooms` has the places that this controller knows, as they were before."""

    queues: Mapping[QueueKey, Queue]
    holders: Sequence[Job]  # live runs, and runs whose room waits for the job's next one
    rooms: Mapping[str, Room]
    default_place: str

    def place_of(self, queue: Queue) -> str:
        return queue.spec.place or self.default_place


def queue_key(job: Job) -> QueueKey:
    """Queue names match whatever their case."""
    return job.project_id, job.spec.queue_name.lower()


def pick(waiting: Iterable[Job], scene: Scene) -> Iterator[Answer]:
    """An answer for each waiting job, given in the order in which they asked."""
    ledger = _Ledger(scene)
    for job in waiting:
        yield ledger.answer(job)


@dataclass
class _Ledger:
    """What is taken so far in this pass, and who blocks whom."""

    scene: Scene
    cus: dict[QueueKey, int] = field(default_factory=dict)
    room: dict[str, Room] = field(default_factory=dict)
    blocked_queues: set[QueueKey] = field(default_factory=set)
    blocked_places: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for job in self.scene.holders:
            if job.run is not None:
                self._take(queue_key(job), job.run.place, job.run.footprint)

    def answer(self, job: Job) -> Answer:
        if job.live_run is not None:  # before it is refused too: the logs of that run are not those of this submission
            return Answer(job, Verdict.WAIT, Reason.of(ReasonCode.WAITS_FOR_OLD_RUN, run=job.live_run.id))
        queue = self.scene.queues.get(queue_key(job))
        if queue is None:
            return Answer(job, Verdict.REFUSE, Reason.of(ReasonCode.QUEUE_GONE, queue=job.spec.queue_name))
        footprint = footprint_of(job.spec)
        if job.restarts_itself and job.run is not None:
            reason = Reason.of(ReasonCode.ADMITTED, queue=job.spec.queue_name, asked=footprint.cus)
            return Answer(job, Verdict.ADMIT, reason, job.run.place, footprint)
        return self._by_room(job, queue, footprint)

    def _by_room(self, job: Job, queue: Queue, footprint: Footprint) -> Answer:
        key, place, asked, total = queue_key(job), self.scene.place_of(queue), footprint.cus, queue.spec.cu_count
        if asked > total:
            reason = Reason.of(ReasonCode.QUEUE_TOO_SMALL, queue=job.spec.queue_name, total=total, asked=asked)
            return Answer(job, Verdict.REFUSE, reason)
        if key in self.blocked_queues:
            return Answer(job, Verdict.WAIT, Reason.of(ReasonCode.WAITS_FOR_TURN, queue=job.spec.queue_name))
        free = total - self.cus.get(key, 0)
        if asked > free:
            self.blocked_queues.add(key)
            name = job.spec.queue_name
            reason = Reason.of(ReasonCode.WAITS_FOR_QUEUE, queue=name, free=max(0, free), total=total, asked=asked)
            return Answer(job, Verdict.WAIT, reason)
        if lack := self._lack_of_room(place, footprint):
            return Answer(job, Verdict.WAIT, lack)
        self._take(key, place, footprint)
        reason = Reason.of(ReasonCode.ADMITTED, queue=job.spec.queue_name, asked=asked)
        return Answer(job, Verdict.ADMIT, reason, place, footprint)

    def _lack_of_room(self, place: str, footprint: Footprint) -> Reason | None:
        offered = self.scene.rooms.get(place)
        if offered is None:
            return Reason.of(ReasonCode.WAITS_FOR_CONTROLLER, place=place)
        if place in self.blocked_places:
            return Reason.of(ReasonCode.WAITS_FOR_PLACE_TURN, place=place)
        asked, taken = footprint.taken, self.room.get(place, Room())
        rows = (("CUs", offered.cus, taken.cus, asked.cus), ("slots", offered.slots, taken.slots, asked.slots))
        for unit, total, used, wanted in rows:
            if total is not None and wanted is not None and (used or 0) + wanted > total:
                self.blocked_places.add(place)
                free = max(0, total - (used or 0))
                code = ReasonCode.WAITS_FOR_PLACE
                return Reason.of(code, place=place, free=free, total=total, asked=wanted, unit=unit)
        return None

    def _take(self, key: QueueKey, place: str, footprint: Footprint) -> None:
        self.cus[key] = self.cus.get(key, 0) + footprint.cus
        asked, taken = footprint.taken, self.room.get(place, Room())
        self.room[place] = Room(cus=_plus(taken.cus, asked.cus), slots=_plus(taken.slots, asked.slots))


def _plus(a: int | None, b: int | None) -> int | None:
    return b if a is None else a + (b or 0)
