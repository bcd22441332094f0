"""Runs a transaction again that lost against another one; what was never committed has left nothing behind.

Who has lost a few times gets a turn alone: in a crowd that all change the same thing some would else lose for ever.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import SystemRandom
from threading import Condition
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from penstock.database.dialect import is_conflict, translated
from penstock.domain.errors import StoreUnavailable

R = TypeVar("R")

_TRIES = 15
_TRIES_AMONG_OTHERS = 3
_FIRST_PAUSE, _LONGEST_PAUSE = 0.004, 0.5  # seconds; all pauses together are about two
_PATIENCE = 2.0  # seconds that a transaction waits for its turn
_chance = SystemRandom()


class Turns:
    """Of the transactions of one process: many at once, or one alone. Those of other processes go on meanwhile."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._running = 0
        self._wanting_alone = 0
        self._is_one_alone = False

    @contextmanager
    def take(self, *, alone: bool) -> Iterator[None]:
        is_alone = self._begin(alone)
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._is_one_alone = self._is_one_alone and not is_alone
                self._changed.notify_all()

    def _begin(self, alone: bool) -> bool:
        """Whether it is alone: who waits for that too long goes among the others, so that one which hangs holds up none."""
        with self._changed:
            self._wanting_alone += alone
            first = self._is_first if alone else self._may_join
            is_alone = self._changed.wait_for(first, _PATIENCE) and alone
            self._wanting_alone -= alone
            self._is_one_alone = self._is_one_alone or is_alone
            self._running += 1
            self._changed.notify_all()
        return is_alone

    def _is_first(self) -> bool:
        return self._running == 0

    def _may_join(self) -> bool:
        return not self._is_one_alone and not self._wanting_alone


def until_it_succeeds(
    transact: Callable[[], R], turns: Turns | None = None, pause: Callable[[float], None] = time.sleep
) -> R:
    """Raises our own errors; StoreUnavailable where others always were first."""
    turns = turns or Turns()
    for number in range(_TRIES):
        try:
            with turns.take(alone=number >= _TRIES_AMONG_OTHERS):
                return transact()
        except DBAPIError as error:
            if not is_conflict(error):
                raise translated(error) or error from error
        pause(_chance.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)))
    raise StoreUnavailable(f"The database is too busy: others were first {_TRIES} times.")
