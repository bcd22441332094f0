"""The topic that a job names: it must be there when the job is made."""

import pytest

from penstock.domain.errors import Invalid
from penstock.domain.faults import FaultCode
from penstock.testing.builders import a_spec
from penstock.testing.topic_builders import a_topic
from penstock.usecases import jobs
from usecases.house import ERRAND, STRANGER

pytestmark = pytest.mark.anyio


async def faults_of(house, errand=ERRAND, **changes):
    with pytest.raises(Invalid) as raised:
        await jobs.create(house.desk, errand, a_spec(**changes))
    return [(fault.path, fault.code) for fault in raised.value.faults]


async def test_a_topic_that_is_there_is_taken(house):
    job = await jobs.create(house.desk, ERRAND, a_spec(smn_topic="topic"))

    assert job.spec.smn_topic == "topic"


@pytest.mark.parametrize("name", ["nowhere", "Topic", "topic ", "主题", "x" * 10_000, "../topic", a_topic().urn])
async def test_any_other_is_refused(house, name):
    assert await faults_of(house, smn_topic=name) == [("smn_topic", FaultCode.TOPIC_UNKNOWN)]


@pytest.mark.parametrize("name", ["a\0b", "a\x1bb", "\ud800"])
async def test_control_characters_are_one_fault(house, name):
    assert await faults_of(house, smn_topic=name) == [("smn_topic", FaultCode.CONTROL_CHARACTERS)]


async def test_it_is_told_beside_the_other_faults(house):
    found = await faults_of(house, smn_topic="nowhere", entrypoint="nowhere.jar", queue_name="nowhere")

    assert ("smn_topic", FaultCode.TOPIC_UNKNOWN) in found
    assert len(found) == 3


async def test_drafts_too_name_topics_that_are_there(house):
    assert await faults_of(house, queue_name="", smn_topic="nowhere") == [("smn_topic", FaultCode.TOPIC_UNKNOWN)]


async def test_the_topic_of_another_project_is_not_there(house):
    found = await faults_of(house, STRANGER, smn_topic="topic", queue_name="", entrypoint="")

    assert found == [("smn_topic", FaultCode.TOPIC_UNKNOWN)]
