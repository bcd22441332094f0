"""Runs a transaction again that lost against another one; what was never committed has left nothing behind."""

import time
from collections.abc import Callable
from random import SystemRandom
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from penstock.database.dialect import is_conflict, translated
from penstock.domain.errors import StoreUnavailable

R = TypeVar("R")

_TRIES = 15
_FIRST_PAUSE, _LONGEST_PAUSE = 0.004, 0.5  # seconds; all pauses together are about two
_chance = SystemRandom()


def until_it_succeeds(transact: Callable[[], R], pause: Callable[[float], None] = time.sleep) -> R:
    """Raises our own errors; StoreUnavailable where others always were first."""
    for turn in range(_TRIES):
        try:
            return transact()
        except DBAPIError as error:
            if not is_conflict(error):
                raise translated(error) or error from error
        pause(_chance.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**turn)))
    raise StoreUnavailable(f"The database is too busy: others were first {_TRIES} times.")
