"""What can be said of one run: from its journal, its processes, and its Flink, in this order."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import Observation, Seen
from penstock.domain.run import RunId
from penstock.engines.local.journal import Note
from penstock.engines.local.launching import Launching
from penstock.engines.local.pair import Pair
from penstock.flink.last_word import OVER, LastWord, last_word_from

_GONE = "Its JobManager is gone"
_FORGOTTEN = "Its JobManager does not know the job any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom to look at."""

    run: RunId
    job_id: str  # Flink's
    pair: Pair | None
    launching: Launching | None


async def look(subject: Subject, now: datetime) -> Observation:
    """Asks Flink one short question, and a few more while something changes."""
    run, pair, launching = subject.run, subject.pair, subject.launching
    if pair is None:
        return _before_pair(run, launching)
    if written := _written(run, pair):
        return written
    sent = pair.notes.keys() & {Note.SUBMITTED, Note.SUBMITTING}
    if launching is not None and Note.SUBMITTED not in pair.notes:
        return _on_its_way(run, launching)
    if not sent:
        return Observation(run=run, seen=Seen.PREPARING)
    if not pair.manager_lives:
        return Observation(run=run, seen=Seen.LOST, said=_GONE)
    try:
        return await _ask(pair, subject, now)
    except EngineUnavailable as error:
        return Observation(run=run, seen=Seen.UNREACHABLE, said=str(error), address=pair.rest.address)


def _before_pair(run: RunId, launching: Launching | None) -> Observation:
    return Observation(run=run, seen=Seen.ABSENT) if launching is None else _on_its_way(run, launching)


def _written(run: RunId, pair: Pair) -> Observation | None:
    """What was noted stays true, whatever becomes of the processes."""
    if Note.REFUSED in pair.notes:
        return Observation(run=run, seen=Seen.REFUSED, said=pair.notes[Note.REFUSED])
    if Note.STOPPED in pair.notes:
        return Observation(run=run, seen=Seen.CANCELED)
    return last_word_from(pair.notes[Note.ENDED]).observed(run) if Note.ENDED in pair.notes else None


def _on_its_way(run: RunId, launching: Launching) -> Observation:
    if launching.started_at is None:
        return Observation(run=run, seen=Seen.WAITING, said=launching.trouble)
    return Observation(run=run, seen=Seen.PREPARING, said=launching.trouble, since=launching.started_at)


async def _ask(pair: Pair, subject: Subject, now: datetime) -> Observation:
    run, job_id = subject.run, subject.job_id
    view = await pair.rest.job(job_id)
    if view is None:
        return _unknown(run, pair)
    seen = pair.watch(job_id).seen(view)
    said = await pair.watch(job_id).failure(pair.rest, view, now)
    word = LastWord(seen=seen, said=said, savepoints=await pair.watch(job_id).savepoints(pair.rest, pair.savepoints))
    if word.is_whole:
        with suppress(OSError):  # a full disk must not hide what was seen
            await pair.note(Note.ENDED, word.as_json())
    return Observation(
        run=run,
        seen=seen,
        said=said,
        since=pair.begun_at if seen is Seen.STARTING else None,
        damaged=seen not in OVER and pair.missing_workers > 0,
        restarts=await pair.watch(job_id).restarts(pair.rest, view, now),
        savepoints=word.savepoints,
        address=pair.rest.address,
    )


def _unknown(run: RunId, pair: Pair) -> Observation:
    if Note.SUBMITTED in pair.notes:
        return Observation(run=run, seen=Seen.LOST, said=_FORGOTTEN)
    return Observation(run=run, seen=Seen.PREPARING, since=pair.begun_at)
