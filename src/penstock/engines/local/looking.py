"""What can be said of one run: from its journal, its processes, and its Flink, in this order."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import Observation, SavepointNews, SavepointSeen, Seen
from penstock.domain.run import RunId
from penstock.domain.savepoint import SavepointId
from penstock.engines.local.journal import Note
from penstock.engines.local.launching import Launching
from penstock.engines.local.pair import Pair
from penstock.flink.states import JobView, seen_of

_OVER = frozenset({Seen.CANCELED, Seen.FINISHED, Seen.FAILED})
_COUNTED_WITHIN_MS = 10_000
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
    return _ended(run, pair.notes[Note.ENDED]) if Note.ENDED in pair.notes else None


def _ended(run: RunId, text: str) -> Observation:
    found = json.loads(text)
    savepoints = {
        SavepointId(id): SavepointNews(SavepointSeen(seen), path=path, said=said)
        for id, (seen, path, said) in found["savepoints"].items()
    }
    return Observation(run=run, seen=Seen(found["seen"]), said=found["said"], savepoints=savepoints)


def _on_its_way(run: RunId, launching: Launching) -> Observation:
    if launching.started_at is None:
        return Observation(run=run, seen=Seen.WAITING, said=launching.trouble)
    return Observation(run=run, seen=Seen.PREPARING, said=launching.trouble, since=launching.started_at)


async def _ask(pair: Pair, subject: Subject, now: datetime) -> Observation:
    run, job_id = subject.run, subject.job_id
    view = await pair.rest.job(job_id)
    if view is None:
        return _unknown(run, pair)
    seen = seen_of(view, ran=pair.has_run)
    pair.has_run = pair.has_run or seen is Seen.RUNNING
    said = await pair.rest.failure(job_id) if seen in {Seen.FAILED, Seen.RESTARTING} else ""
    savepoints = await _savepoints(pair, job_id)
    if seen in _OVER and all(news.seen is not SavepointSeen.IN_PROGRESS for news in savepoints.values()):
        await _write_end(pair, seen, said, savepoints)
    return Observation(
        run=run,
        seen=seen,
        said=said,
        since=pair.begun_at if seen is Seen.STARTING else None,
        damaged=seen not in _OVER and pair.missing_workers > 0,
        restarts=await _restarts(pair, view, now),
        savepoints=savepoints,
        address=pair.rest.address,
    )


def _unknown(run: RunId, pair: Pair) -> Observation:
    if Note.SUBMITTED in pair.notes:
        return Observation(run=run, seen=Seen.LOST, said=_FORGOTTEN)
    return Observation(run=run, seen=Seen.PREPARING, since=pair.begun_at)


async def _restarts(pair: Pair, view: JobView, now: datetime) -> int:
    """Flink counts a restart a moment after it made one; a job that has not changed since has no new ones."""
    calm = now.timestamp() * 1000 - view.changed_at_ms > _COUNTED_WITHIN_MS
    if pair.has_run and not (calm and pair.restarts is not None):
        pair.restarts = await pair.rest.restarts(view.id)
    return pair.restarts or 0


async def _savepoints(pair: Pair, job_id: str) -> Mapping[SavepointId, SavepointNews]:
    """What is over does not change, so it is asked for once."""
    told = dict(pair.savepoint_ends)
    for savepoint in pair.savepoints - told.keys():
        told[savepoint] = news = await pair.rest.savepoint(job_id, savepoint)
        if news.seen in {SavepointSeen.COMPLETED, SavepointSeen.FAILED}:
            pair.savepoint_ends[savepoint] = news
    return told


async def _write_end(pair: Pair, seen: Seen, said: str, savepoints: Mapping[SavepointId, SavepointNews]) -> None:
    ends = {savepoint: (news.seen, news.path, news.said) for savepoint, news in savepoints.items()}
    with suppress(OSError):  # a full disk must not hide what was seen
        await pair.note(Note.ENDED, json.dumps({"seen": seen, "said": said, "savepoints": ends}))
