"""What can be said of one run: from its notes, and from what its cluster says of the job."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import Observation, Seen
from penstock.domain.run import RunId
from penstock.engines.session.cluster import Cluster
from penstock.engines.session.launching import Launching
from penstock.engines.session.notes import Known, Ledger, Note
from penstock.flink.last_word import OVER, LastWord, last_word_from
from penstock.flink.states import JobView, seen_of
from penstock.flink.watching import Watch

_FORGOTTEN = "Its cluster does not know the job any more: it was started anew, or has forgotten a job that ended"
_MISSING = "Its cluster answers, but does not know the job: it is looked at once more"
_SECOND_LOOK = 5.0  # seconds after the first one that misses a job
_CHECKPOINT_EVERY = timedelta(seconds=10)
# Flink fetches its metrics every 10 s by default, from TaskManagers that may be slow to tell.
_COUNTED_WITHIN = timedelta(seconds=30)


@dataclass(slots=True)
class Memory:
    """What looks at one run remember of each other; losing it costs questions, never truth."""

    watch: Watch
    missed_at: float | None = None  # when its cluster first answered without it
    checkpoint_due: datetime | None = None
    checkpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom to look at, and what Flink says of the job."""

    run: RunId
    job_id: str  # Flink's
    known: Known
    launching: Launching | None
    view: JobView | None

    @property
    def is_alive(self) -> bool:
        return self.view is not None and seen_of(self.view, ran=True) not in OVER


def new_memory(job_id: str) -> Memory:
    return Memory(watch=Watch(job_id, _COUNTED_WITHIN))


def written(run: RunId, known: Known) -> Observation | None:
    """What was noted stays true, whatever becomes of the cluster."""
    if Note.ENDED in known:
        return last_word_from(known[Note.ENDED]).observed(run)
    if Note.REFUSED in known:
        return Observation(run=run, seen=Seen.REFUSED, said=known[Note.REFUSED])
    return Observation(run=run, seen=Seen.CANCELED) if Note.STOPPED in known else None


class Eye:
    """Looks at runs of one cluster."""

    def __init__(self, cluster: Cluster, ledger: Ledger) -> None:
        self._cluster = cluster
        self._ledger = ledger
        self._memories: dict[RunId, Memory] = {}

    def forget(self, run: RunId) -> None:
        self._memories.pop(run, None)

    async def look(self, subject: Subject, now: datetime, clock: float) -> Observation:
        """Asks Flink a few short questions while something changes."""
        run, known = subject.run, subject.known
        said = written(run, known)
        # A main() that nobody waited for any longer may still have handed over its job.
        if said is not None and (Note.ENDED in known or not subject.is_alive):
            return said
        if subject.view is None:
            return self._without_job(subject, clock)
        if Note.CLAIMED not in known and not subject.is_alive:
            return Observation(run=run, seen=Seen.ABSENT)  # discarded: Flink only remembers it for a while
        memory = self._memories.setdefault(run, new_memory(subject.job_id))
        memory.missed_at = None
        try:
            return await self._ask(subject, subject.view, memory, now)
        except EngineUnavailable as error:
            return Observation(run=run, seen=Seen.UNREACHABLE, said=str(error), address=self._cluster.address)

    def _without_job(self, subject: Subject, clock: float) -> Observation:
        run, known, launching = subject.run, subject.known, subject.launching
        if Note.SUBMITTED in known:
            return self._missing(subject, clock)
        if launching is not None and launching.started_at is None:
            return Observation(run=run, seen=Seen.WAITING, said=launching.trouble)
        if launching is not None:
            return Observation(run=run, seen=Seen.PREPARING, said=launching.trouble, since=launching.started_at)
        if Note.CLAIMED in known:
            return Observation(run=run, seen=Seen.PREPARING, since=known.submitting_since)
        return Observation(run=run, seen=Seen.ABSENT)

    def _missing(self, subject: Subject, clock: float) -> Observation:
        """A JobManager without a leader does not answer at all, so an answer counts; two of them count more."""
        memory = self._memories.setdefault(subject.run, new_memory(subject.job_id))
        memory.missed_at = clock if memory.missed_at is None else memory.missed_at
        if clock - memory.missed_at < _SECOND_LOOK:
            return Observation(run=subject.run, seen=Seen.UNREACHABLE, said=_MISSING, address=self._cluster.address)
        return Observation(run=subject.run, seen=Seen.LOST, said=_FORGOTTEN, address=self._cluster.address)

    async def _ask(self, subject: Subject, view: JobView, memory: Memory, now: datetime) -> Observation:
        run, rest = subject.run, self._cluster.rest
        if Note.CLAIMED in subject.known and Note.SUBMITTED not in subject.known:
            await self._ledger.settle(run, Note.SUBMITTED)  # whoever handed it over may have died before saying so
        seen = memory.watch.seen(view)
        said = await memory.watch.failure(rest, view, now)
        savepoints = await memory.watch.savepoints(rest, subject.known.savepoints)
        word = LastWord(seen=seen, said=said, savepoints=savepoints)
        await self._note_checkpoint(subject, seen, memory, now)
        if word.is_whole:
            await self._ledger.settle(run, Note.ENDED, word.as_json())
        return Observation(
            run=run,
            seen=seen,
            said=said,
            # Waiting for slots has no limit of ours: Flink has one (`slot.request.timeout`), and says so when it is over.
            since=subject.known.submitting_since if seen is Seen.STARTING and not view.waits_for_slots else None,
            restarts=await memory.watch.restarts(rest, view, now),
            savepoints=savepoints,
            address=self._cluster.address,
        )

    async def _note_checkpoint(self, subject: Subject, seen: Seen, memory: Memory, now: datetime) -> None:
        """Its cluster may be gone when somebody wants to know, and its folder may be out of our sight."""
        if seen not in OVER and memory.checkpoint_due is not None and now < memory.checkpoint_due:
            return
        memory.checkpoint_due = now + _CHECKPOINT_EVERY
        path = await self._cluster.rest.newest_checkpoint(subject.job_id)
        if path and path != memory.checkpoint:
            await self._ledger.put_checkpoint(subject.run, path)
            memory.checkpoint = path


def silent(run: RunId, known: Known, said: str, address: str) -> Observation:
    """Its cluster does not answer; what was noted is true all the same."""
    return written(run, known) or Observation(run=run, seen=Seen.UNREACHABLE, said=said, address=address)
