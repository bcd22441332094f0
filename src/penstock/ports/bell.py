"""Wakes whoever waits for a change; a missed ring costs only time, since everybody also looks now and then."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Ear(Protocol):
    """One listener; hears every ring since it began to listen."""

    async def wait(self, seconds: float) -> bool:
        """Until the next ring (True), or until the time is over (False)."""
        ...


class Bell(Protocol):
    """Topics are `control`, `outbox`, `uploads`, and `job:<id>` for one job."""

    def ring(self, topic: str) -> None: ...

    def listen(self, topic: str) -> AbstractAsyncContextManager[Ear]: ...


CONTROL = "control"
OUTBOX = "outbox"  # there is something to tell
UPLOADS = "uploads"  # a package is to be copied


def job_topic(job_id: int) -> str:
    return f"job:{job_id}"
