"""A connection that gives up on a server which stays silent: libpq itself waits for an answer without end.

The server limits how long a statement takes, and the kernel how long sent bytes may stay unacknowledged. Neither helps
where something between acknowledges for a server that is gone, or where the server's machine stands still.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

ResultT = TypeVar("ResultT")

# Above the server's own limit for a statement: while the server is there, it is the one that says so.
ANSWER_SECONDS = 22.0


class PatientConnection(psycopg.Connection[Any]):
    """Raises OperationalError, and is closed, when an answer does not come in time."""

    answer_seconds = ANSWER_SECONDS

    def wait(self, gen: PQGen[ResultT], *args: Any, **kwargs: Any) -> ResultT:
        try:
            return super().wait(_within(gen, self.answer_seconds), *args, **kwargs)
        except _TooLong as error:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer for {self.answer_seconds:g} s") from error


class _TooLong(Exception):
    """The time is over."""


def _within(gen: PQGen[ResultT], seconds: float) -> Generator[Any, Any, ResultT]:
    """The same talk with the server; between two looks at the socket the clock is looked at, too."""
    until, ready = monotonic() + seconds, None
    try:
        while True:
            ready = yield gen.send(ready)  # type: ignore[arg-type]  # None is how a generator begins
            if not ready and monotonic() > until:
                raise _TooLong
    except StopIteration as end:
        result: ResultT = end.value
        return result
