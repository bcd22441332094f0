"""One run as a function of the time: nothing has to be alive for it to go on, so nothing can die with the service.

A real engine looks at processes or asks a server. What both have in common: `observe` derives what it says from
what is there, and never from what this process remembers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from penstock.domain.observation import ENDED, Observation, Seen
from penstock.domain.run import RunId
from penstock_rehearsal.script import script_of

RECORDS_A_SECOND = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What was written down of a run."""

    run: RunId
    job_name: str
    arguments: tuple[str, ...]
    parallelism: int
    began_at: datetime
    start_seconds: float
    stopped_at: datetime | None = None
    halted_at: datetime | None = None

    def seen(self, now: datetime) -> Observation:
        """What there is to say of it. `since` tells when its start began: limits of the service count from there."""
        script = script_of(self.arguments)
        if script.refused:
            return self._say(Seen.REFUSED, script.says)
        seen, ended_at = self._end(now)
        if self.halted_at and (ended_at is None or self.halted_at < ended_at):
            return self._say(Seen.LOST, "the rehearsal was halted")
        return self._say(seen, script.says if seen is Seen.FAILED else "")

    def records(self, now: datetime) -> int:
        """How many it has written, for whoever looks at its graph."""
        ended_at = self._end(now)[1] or now
        running = min(ended_at, self.halted_at or now) - self._running_from
        return max(0, int(running.total_seconds() * RECORDS_A_SECOND)) * self.parallelism

    def log(self, now: datetime) -> bytes:
        """All of it until now: later it only grows, as a log file does. A halted run logs nothing more."""
        until = min(now, self.halted_at or now)
        seen, ended_at = self.seen(until), self._end(until)[1]
        lines = [(self.began_at, f"Rehearsing {self.job_name} with {self.arguments}: no Flink is started.")]
        if seen.seen is not Seen.REFUSED and self._running_from <= (ended_at or until):
            lines.append((self._running_from, "RUNNING"))
        if seen.seen in ENDED - {Seen.LOST}:
            lines.append((ended_at or self.began_at, f"{seen.seen.upper()} {seen.said}".rstrip()))
        return b"".join(f"{at.isoformat()} {text}\n".encode() for at, text in lines)

    @property
    def _running_from(self) -> datetime:
        return self.began_at + timedelta(seconds=self.start_seconds)

    def _end(self, now: datetime) -> tuple[Seen, datetime | None]:
        """How it looks, and when it ended if it has: whatever came first did it, and later wishes change nothing."""
        script, ends = script_of(self.arguments), []
        if self.stopped_at:
            ends.append((self.stopped_at, Seen.CANCELED))
        if script.finishes_after is not None:
            ends.append((self._running_from + timedelta(seconds=script.finishes_after), Seen.FINISHED))
        if script.fails_after is not None:
            ends.append((self._running_from + timedelta(seconds=script.fails_after), Seen.FAILED))
        if ends and min(ends)[0] <= now:
            return min(ends)[1], min(ends)[0]
        return (Seen.RUNNING if now >= self._running_from else Seen.STARTING), None

    def _say(self, seen: Seen, said: str) -> Observation:
        since = self.began_at if seen is Seen.STARTING else None
        return Observation(run=self.run, seen=seen, said=said, since=since, halted=self.halted_at is not None)
