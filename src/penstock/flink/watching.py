"""What is asked of a job beside its state, and remembered between two looks, so that what cannot change is asked once."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import SavepointNews, SavepointSeen, Seen
from penstock.domain.savepoint import SavepointId
from penstock.flink.rest import FlinkRest
from penstock.flink.states import JobView, seen_of

_OVER = frozenset({SavepointSeen.COMPLETED, SavepointSeen.FAILED})
_REASON_WITHIN = timedelta(seconds=20)  # by default Flink's picture of a job is at most 3 s old
_NO_REASON_YET = "Flink says that the job failed, and does not say yet why"


class Watch:
    """Of one job; losing it costs questions, never truth."""

    def __init__(self, job_id: str, counted_within: timedelta) -> None:
        self.has_run = False  # all its tasks were seen running
        self._job_id = job_id
        self._counted_within = counted_within  # until Flink's metrics tell of a restart
        self._restarts: int | None = None
        self._failed_at: datetime | None = None  # when it was first seen so
        self._savepoint_ends: dict[SavepointId, SavepointNews] = {}

    def seen(self, view: JobView) -> Seen:
        seen = seen_of(view, ran=self.has_run)
        self.has_run = self.has_run or seen is Seen.RUNNING
        return seen

    async def restarts(self, rest: FlinkRest, view: JobView, now: datetime) -> int:
        """Flink counts a restart a moment after it made one; a job that has not changed since has no new ones.

        The metric stands still for minutes after a TaskManager died without a word, as Flink waits for what it would
        tell (`web.timeout`); the tasks know themselves how often they were deployed.
        """
        calm = now - datetime.fromtimestamp(view.changed_at_ms / 1000, now.tzinfo) > self._counted_within
        if self.has_run and not (calm and self._restarts is not None):
            counts = (await rest.restarts(self._job_id), await rest.attempts(self._job_id))
            self._restarts = max(*counts, self._restarts or 0)
        return self._restarts or 0

    async def failure(self, rest: FlinkRest, view: JobView, now: datetime) -> str:
        """The root cause of what `view` shows, or nothing.

        Raises EngineUnavailable while Flink shows a picture from before the failure: what it says now would be noted
        as the job's last word, without a reason.
        """
        if seen_of(view, ran=self.has_run) is Seen.RESTARTING:
            return await rest.failure(self._job_id)
        if seen_of(view, ran=self.has_run) is not Seen.FAILED:
            return ""
        self._failed_at = self._failed_at or now
        if not await rest.is_pictured_failed(self._job_id) and now - self._failed_at < _REASON_WITHIN:
            raise EngineUnavailable(_NO_REASON_YET)
        return await rest.failure(self._job_id)

    async def savepoints(self, rest: FlinkRest, asked: Collection[SavepointId]) -> Mapping[SavepointId, SavepointNews]:
        """What is over does not change, so it is asked for once."""
        told = dict(self._savepoint_ends)
        for savepoint in [savepoint for savepoint in asked if savepoint not in told]:
            told[savepoint] = news = await rest.savepoint(self._job_id, savepoint)
            if news.seen in _OVER:
                self._savepoint_ends[savepoint] = news
        return told
