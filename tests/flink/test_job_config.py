"""What Flink is told about one job."""

import pytest

from penstock.flink.job_config import job_config
from penstock.testing.builders import a_spec


def config(**spec):
    return job_config(a_spec(**spec), "file:///state")


def test_state_goes_into_the_jobs_folder_and_is_kept():
    assert config()["state.checkpoints.dir"] == "file:///state/checkpoints"
    assert config()["execution.checkpointing.externalized-checkpoint-retention"] == "RETAIN_ON_CANCELLATION"


def test_checkpoints_are_made_only_if_asked_for():
    assert "execution.checkpointing.interval" not in config()
    assert config(checkpoint_enabled=True, checkpoint_interval=7)["execution.checkpointing.interval"] == "7 s"
    assert config(checkpoint_enabled=True, checkpoint_mode="at_least_once")["execution.checkpointing.mode"] == (
        "AT_LEAST_ONCE"
    )


@pytest.mark.parametrize(
    ("spec", "strategy"),
    [
        ({}, "none"),
        ({"restart_when_exception": True}, "exponential-delay"),
        ({"restart_when_exception": True, "resume_max_num": 3}, "failure-rate"),
    ],
)
def test_what_follows_a_failure_is_what_the_caller_asked_for(spec, strategy):
    assert config(**spec)["restart-strategy.type"] == strategy


def test_flink_restarts_as_often_as_the_caller_allows():
    key = "restart-strategy.failure-rate.max-failures-per-interval"

    assert config(restart_when_exception=True, resume_max_num=3)[key] == "3"
