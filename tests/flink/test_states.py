"""Flink's states in our words."""

import pytest

from penstock.domain.observation import SavepointSeen, Seen
from penstock.flink.states import JobView, savepoint_seen, seen_of


def a_view(state: str, **tasks: int) -> JobView:
    return JobView(id="1" * 32, state=state, tasks={"total": 3, **tasks})


def test_a_job_runs_only_when_every_task_does() -> None:
    assert seen_of(a_view("RUNNING", running=2, deploying=1), ran=False) is Seen.STARTING
    assert seen_of(a_view("RUNNING", running=2, finished=1), ran=False) is Seen.RUNNING
    assert seen_of(a_view("RUNNING", running=3), ran=False) is Seen.RUNNING


def test_a_job_that_ran_and_deploys_again_is_restarting() -> None:
    assert seen_of(a_view("RUNNING", running=1, deploying=2), ran=True) is Seen.RESTARTING


def test_a_job_without_tasks_does_not_run_yet() -> None:
    assert seen_of(JobView(id="1" * 32, state="RUNNING", tasks={"total": 0}), ran=False) is Seen.STARTING


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("INITIALIZING", Seen.STARTING),
        ("CREATED", Seen.STARTING),
        ("FAILING", Seen.RESTARTING),
        ("FAILED", Seen.FAILED),
        ("CANCELLING", Seen.CANCELLING),
        ("CANCELED", Seen.CANCELED),
        ("FINISHED", Seen.FINISHED),
        ("A_STATE_OF_TOMORROW", Seen.UNREACHABLE),
    ],
)
def test_every_state_has_a_word(state: str, seen: Seen) -> None:
    assert seen_of(a_view(state), ran=False) is seen


def test_a_savepoint_that_flink_words_newly_is_unknown() -> None:
    assert savepoint_seen("COMPLETED") is SavepointSeen.COMPLETED
    assert savepoint_seen("SOMETHING") is SavepointSeen.UNKNOWN


def test_a_task_that_is_only_scheduled_waits_for_a_slot():
    assert JobView(id="1", state="RUNNING", tasks={"total": 2, "scheduled": 1, "deploying": 1}).waits_for_slots
    assert not JobView(id="1", state="RUNNING", tasks={"total": 2, "deploying": 2}).waits_for_slots
