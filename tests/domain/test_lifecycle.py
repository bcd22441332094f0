"""The state table, proven row by row."""

import pytest

from penstock.domain.errors import NotNow
from penstock.domain.lifecycle import ALIVE, NEXT, SETTLED, News, State, after
from penstock.domain.reason import Reason, ReasonCode
from penstock.testing.builders import a_job
from penstock.testing.clock import NOON

WHY = Reason.of(ReasonCode.RUNS)
BY_A_PERSON = {News.RUN_ASKED, News.STOP_ASKED, News.STOP_WITH_SAVEPOINT_ASKED, News.SAVEPOINT_ASKED}
ROWS = [(state, news, after) for state, row in NEXT.items() for news, after in row.items()]
GAPS = [(state, news) for state in State for news in News if news not in NEXT[state]]


def reachable_from(state, without=frozenset()):
    found, edge = {state}, [state]
    while edge:
        for news, state_after in NEXT[edge.pop()].items():
            if news not in without and state_after not in found:
                found.add(state_after)
                edge.append(state_after)
    return found


def test_every_state_has_a_row():
    assert set(NEXT) == set(State)


def test_every_state_is_reachable_from_draft():
    assert reachable_from(State.DRAFT) == set(State)


def test_every_news_is_used():
    assert {news for _, news, _ in ROWS} == set(News)


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_a_settled_state_leaves_only_by_run_asked(state):
    assert set(NEXT[state]) == {News.RUN_ASKED}


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT}))
def test_every_state_but_draft_can_settle_without_a_person(state):
    assert reachable_from(state, without=BY_A_PERSON) & SETTLED


@pytest.mark.parametrize("state", sorted(set(State) - SETTLED - {State.DRAFT, State.STOPPING}))
def test_a_stop_is_legal_in_every_unsettled_state(state):
    assert News.STOP_ASKED in NEXT[state]


def test_only_admitted_takes_room():
    into_launching = {news for _, news, state_after in ROWS if state_after is State.LAUNCHING}

    assert into_launching == {News.ADMITTED}


def test_alive_states_are_those_that_a_run_lives_in():
    assert SETTLED.isdisjoint(ALIVE)
    assert {State.DRAFT, State.QUEUED, State.RESTARTING} | ALIVE | SETTLED == set(State)


@pytest.mark.parametrize(("state", "news", "state_after"), ROWS)
def test_a_job_moves_by_the_table_and_says_so_in_one_fact(state, news, state_after):
    job, fact = a_job(state=state).hear(news, NOON, WHY, "request-1")

    assert job.state is state_after is after(state, news)
    assert (fact.before, fact.after, fact.what, fact.reason) == (state, state_after, news.value, WHY)
    assert (job.ended_at is not None) == (state_after in SETTLED)
    assert (job.reason, job.moved_at, fact.request_id) == (WHY, NOON, "request-1")


@pytest.mark.parametrize(("state", "news"), GAPS)
def test_what_has_no_row_is_not_now_and_moves_nothing(state, news):
    with pytest.raises(NotNow):
        a_job(state=state).hear(news, NOON, WHY)
