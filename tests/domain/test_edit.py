"""What may be changed of a job in which state."""

from dataclasses import fields

import pytest

from penstock.domain.edit import ANY_TIME, WHILE_ACTIVE, Edit
from penstock.domain.faults import FaultCode
from penstock.domain.lifecycle import SETTLED, State
from penstock.domain.spec import JobSpec
from penstock.testing.builders import a_spec

ACTIVE = {State.QUEUED, State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.RESTARTING}
LEAVING = {State.PARTING, State.STOPPING, State.STOP_FAILED}

# Another sound value of every field that has one.
OTHERWISE = {
    "name": "another",
    "desc": "another",
    "queue_name": "another",
    "cu_number": 9,
    "parallel_number": 2,
    "tm_cus": 2,
    "tm_slot_num": 3,
    "main_class": "an.Other",
    "entrypoint": "an/other.jar",
    "entrypoint_args": "another",
    "dependency_jars": ("an/other.jar",),
    "dependency_files": ("an/other.csv",),
    "log_enabled": True,
    "obs_bucket": "another",
    "smn_topic": "another",
    "restart_when_exception": True,
    "resume_checkpoint": True,
    "resume_max_num": 7,
    "checkpoint_enabled": True,
    "checkpoint_mode": "at_least_once",
    "checkpoint_interval": 11,
    "checkpoint_path": "another",
    "flink_version": "1.20",
    "runtime_config": "a=b",
    "flink_log_config": "{}",
    "execution_agency_urn": "urn",
    "resource_config": "{}",
    "tags": (("a", "b"),),
}
FIXED = {"manager_cu_number", "feature", "image", "resource_config_version"}  # with one sound value each


def refusal(state, **changes):
    return [fault.code for fault in Edit.of(a_spec(obs_bucket="one"), changes).faults(state)]


def test_every_field_is_looked_at():
    assert OTHERWISE.keys() | FIXED == {field.name for field in fields(JobSpec)}


@pytest.mark.parametrize("field", OTHERWISE)
@pytest.mark.parametrize("state", sorted(SETTLED | {State.DRAFT}))
def test_everything_may_change_of_a_job_at_rest(state, field):
    assert refusal(state, **{field: OTHERWISE[field]}) == []


@pytest.mark.parametrize("field", OTHERWISE)
@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_an_active_job_keeps_what_its_run_is_made_of(state, field):
    wanted = [] if field in WHILE_ACTIVE else [FaultCode.JOB_ACTIVE]

    assert refusal(state, **{field: OTHERWISE[field]}) == wanted


@pytest.mark.parametrize("field", OTHERWISE)
@pytest.mark.parametrize("state", sorted(LEAVING))
def test_a_job_that_ends_changes_in_name_and_words_only(state, field):
    wanted = [] if field in ANY_TIME else [FaultCode.JOB_NOT_EDITABLE]

    assert refusal(state, **{field: OTHERWISE[field]}) == wanted


def test_every_state_is_one_of_the_three():
    assert ACTIVE | LEAVING | SETTLED | {State.DRAFT} == set(State)


def test_a_field_that_is_sent_again_is_no_change():
    spec = a_spec()
    edit = Edit.of(spec, {field.name: getattr(spec, field.name) for field in fields(JobSpec)})

    assert (edit.changed, edit.faults(State.RUNNING)) == ((), [])


def test_what_was_wrong_before_is_no_reason_to_refuse():
    edit = Edit.of(a_spec(image="old:1"), {"desc": "new"})

    assert edit.faults(State.DRAFT) == []


def test_a_refusal_names_every_frozen_field():
    (fault,) = Edit.of(a_spec(), {"cu_number": 9, "main_class": "an.Other", "desc": "fine"}).faults(State.RUNNING)

    assert (fault.path, fault.params["fields"]) == ("cu_number", "cu_number, main_class")
