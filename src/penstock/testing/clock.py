"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


class ManualClock:
    """`ports.clock.Clock`; the time of day and the monotonic seconds go together."""

    def __init__(self, now: datetime = NOON) -> None:
        self._start = now
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def advance(self, by: timedelta | float) -> datetime:
        """Later by a span or by seconds; the answer is the new time."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now
