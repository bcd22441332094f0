"""Turns of transactions: many at once, or one alone."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from penstock.database import tries
from penstock.database.tries import Turns


class Actor:
    """A transaction in a thread of its own: it begins when it gets its turn, and ends when it is told to."""

    def __init__(self, pool: ThreadPoolExecutor, turns: Turns, *, alone: bool) -> None:
        self.begun, self._may_end = Event(), Event()
        self._done: Future[None] = pool.submit(self._act, turns, alone)

    def _act(self, turns: Turns, alone: bool) -> None:
        with turns.take(alone=alone):
            self.begun.set()
            assert self._may_end.wait(10)

    def end(self) -> None:
        self._may_end.set()
        self._done.result(10)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_many_go_at_once(pool: ThreadPoolExecutor) -> None:
    turns = Turns()
    actors = [Actor(pool, turns, alone=False) for _ in range(4)]

    assert all(actor.begun.wait(10) for actor in actors)

    for actor in actors:
        actor.end()


def test_one_that_goes_alone_waits_for_those_that_run_and_holds_up_those_that_come(pool: ThreadPoolExecutor) -> None:
    turns = Turns()
    running = Actor(pool, turns, alone=False)
    assert running.begun.wait(10)
    alone = Actor(pool, turns, alone=True)
    assert not alone.begun.wait(0.1)
    late = Actor(pool, turns, alone=False)
    assert not late.begun.wait(0.1)

    running.end()

    assert alone.begun.wait(10)
    assert not late.begun.wait(0.1)
    alone.end()
    assert late.begun.wait(10)
    late.end()


def test_one_that_hangs_holds_up_nobody_for_long(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "_PATIENCE", 0.1)
    turns = Turns()
    hanging = Actor(pool, turns, alone=False)
    assert hanging.begun.wait(10)

    alone, late = Actor(pool, turns, alone=True), Actor(pool, turns, alone=False)

    assert alone.begun.wait(10)
    assert late.begun.wait(10)
    for actor in (alone, late, hanging):
        actor.end()
    last = Actor(pool, turns, alone=True)
    assert last.begun.wait(10)
    last.end()
