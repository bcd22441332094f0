"""Changing jobs: what is stored, what is refused all at once, and what a run keeps."""

import pytest

from penstock.domain.errors import Invalid, NotFound, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import News, State
from penstock.domain.reason import Reason, ReasonCode
from penstock.testing.builders import a_spec
from penstock.usecases import editing, jobs
from usecases.house import ERRAND, MAIN, STRANGER, jar_with

pytestmark = pytest.mark.anyio


async def codes_of(house, job_id, changes, known=()):
    with pytest.raises(Invalid) as caught:
        await editing.update(house.desk, ERRAND, job_id, changes, known)
    return [(fault.code, fault.path) for fault in caught.value.faults]


async def a_draft(house, **changes):
    return await jobs.create(house.desk, ERRAND, a_spec(queue_name="", **changes))


async def a_running_job(house, **changes):
    job = await jobs.create(house.desk, ERRAND, a_spec(**changes))
    await house.tell(job.id, News.ADMITTED, News.SEEN_RUNNING)
    return await house.job(job.id)


async def test_named_fields_change_and_the_others_stay(house):
    job = await a_draft(house, desc="old", smn_topic="topic")
    house.clock.advance(5)

    edited = await editing.update(house.desk, ERRAND, job.id, {"desc": "new", "smn_topic": ""})

    assert edited.spec == a_spec(queue_name="", desc="new")
    assert edited.updated_at == house.clock.now()
    assert await house.job(job.id) == edited


async def test_the_history_says_what_was_changed_and_by_which_request(house):
    job = await a_draft(house)

    await editing.update(house.desk, ERRAND, job.id, {"tm_cus": 2, "desc": "new"})

    fact = (await house.records.look(lambda tx: tx.history.of_job(job.id)))[-1]
    assert (fact.what, fact.before, fact.after, fact.request_id) == ("edited", State.DRAFT, State.DRAFT, "request-1")
    assert fact.reason == Reason.of(ReasonCode.EDITED, fields="desc, tm_cus")


async def test_a_draft_says_what_it_waits_for_now(house):
    job = await a_draft(house)

    edited = await editing.update(house.desk, ERRAND, job.id, {"queue_name": "testQueue"})

    assert (edited.state, edited.reason) == (State.DRAFT, Reason.of(ReasonCode.DRAFT, missing="run"))


async def test_an_edit_that_changes_nothing_writes_nothing(house):
    job = await a_draft(house, desc="same")

    edited = await editing.update(house.desk, ERRAND, job.id, {"desc": "same"})

    assert (edited, await house.facts(job.id)) == (job, ["created"])


async def test_a_running_job_changes_beside_its_run_sheet(house):
    job = await a_running_job(house)
    sheet = await house.sheet_of(job)

    edited = await editing.update(house.desk, ERRAND, job.id, {"restart_when_exception": True, "resume_max_num": 3})

    assert (edited.spec.restart_when_exception, edited.spec.resume_max_num) == (True, 3)
    assert (edited.state, edited.run, await house.sheet_of(edited)) == (job.state, job.run, sheet)


async def test_what_a_run_is_made_of_stays_while_it_runs(house):
    job = await a_running_job(house)

    assert await codes_of(house, job.id, {"cu_number": 9}) == [(FaultCode.JOB_ACTIVE, "cu_number")]


async def test_every_fault_is_told_at_once(house):
    job = await a_draft(house)
    await a_draft(house, name="taken")
    known = [Fault.at("tm_cus", FaultCode.WRONG_TYPE, field="tm_cus", expected="integer", given="text")]
    changes = {"name": "taken", "desc": "d" * 2049, "dependency_jars": ("no.jar",), "queue_name": "no"}

    assert set(await codes_of(house, job.id, changes, known)) == {
        (FaultCode.WRONG_TYPE, "tm_cus"),
        (FaultCode.DESC_TOO_LONG, "desc"),
        (FaultCode.NAME_TAKEN, "name"),
        (FaultCode.QUEUE_UNKNOWN, "queue_name"),
        (FaultCode.PACKAGE_UNKNOWN, "dependency_jars"),
    }
    assert await house.job(job.id) == job


async def test_a_name_that_cannot_be_one_is_not_looked_up(house):
    job = await a_draft(house)

    assert await codes_of(house, job.id, {"name": "a\0b"}) == [
        (FaultCode.CONTROL_CHARACTERS, "name"),
        (FaultCode.NAME_CHARACTERS, "name"),
    ]


async def test_a_package_that_is_gone_since_does_not_keep_a_job_from_its_new_name(house):
    job = await a_running_job(house, dependency_jars=("myGroup/test.jar",))
    await house.remove_package("myGroup/test.jar")

    assert (await editing.update(house.desk, ERRAND, job.id, {"name": "renamed"})).spec.name == "renamed"


async def test_a_new_package_that_goes_at_the_same_moment_is_not_stored(house):
    job = await a_draft(house)
    await house.add_package("other.jar", jar_with(MAIN, manifest_main=MAIN))
    change = house.records.change

    async def remove_first(fn, *args):
        house.records.change = change
        await house.remove_package("other.jar")
        return await change(fn, *args)

    house.records.change = remove_first
    assert await codes_of(house, job.id, {"entrypoint": "other.jar"}) == [(FaultCode.PACKAGE_UNKNOWN, "entrypoint")]


async def test_a_topic_or_bucket_that_is_not_there_is_refused_of_a_running_job_too(house):
    job = await a_running_job(house)
    changes = {"smn_topic": "nobodys", "obs_bucket": "nobodys", "log_enabled": True}

    assert set(await codes_of(house, job.id, changes)) == {
        (FaultCode.TOPIC_UNKNOWN, "smn_topic"),
        (FaultCode.BUCKET_UNAUTHORISED, "obs_bucket"),
    }


async def test_a_jar_without_a_main_class_is_refused(house):
    job = await a_draft(house)
    await house.add_package("other.jar", jar_with("a.Other"))

    assert await codes_of(house, job.id, {"entrypoint": "other.jar"}) == [(FaultCode.MAIN_CLASS_MISSING, "main_class")]


async def test_a_job_keeps_its_own_name(house):
    job = await a_draft(house)

    edited = await editing.update(house.desk, ERRAND, job.id, {"name": job.spec.name, "desc": "new"})

    assert edited.spec.name == job.spec.name


async def test_a_controller_that_wrote_in_between_is_not_overwritten(house):
    job = await jobs.create(house.desk, ERRAND, a_spec())

    async def tell_first(fn, *args):
        house.records.change = change
        await house.tell(job.id, News.ADMITTED)
        return await change(fn, *args)

    change = house.records.change
    house.records.change = tell_first
    edited = await editing.update(house.desk, ERRAND, job.id, {"desc": "new"})

    assert (edited.state, edited.spec.desc) == (State.LAUNCHING, "new")


async def test_the_job_of_another_project_is_not_there(house):
    job = await a_draft(house)

    for wish in (
        editing.update(house.desk, STRANGER, job.id, {"desc": "mine"}),
        editing.show_tags(house.desk, STRANGER, job.id),
        editing.add_tags(house.desk, STRANGER, job.id, (("a", "b"),)),
        editing.remove_tags(house.desk, STRANGER, job.id, (("a", "b"),)),
    ):
        with pytest.raises(NotFound):
            await wish
    assert await house.job(job.id) == job


async def test_tags_are_added_replaced_and_removed_in_any_state(house):
    job = await a_running_job(house, tags=(("a", "1"), ("b", "2"), ("c", "3")))

    await editing.add_tags(house.desk, ERRAND, job.id, (("b", "new"), ("d", "4")))
    await editing.remove_tags(house.desk, ERRAND, job.id, (("a", ""), ("c", "another"), ("nothing", "")))

    assert await editing.show_tags(house.desk, ERRAND, job.id) == (("b", "new"), ("c", "3"), ("d", "4"))


async def test_tags_that_cannot_be_are_refused(house):
    job = await a_draft(house, tags=tuple((f"k{number}", "") for number in range(20)))

    with pytest.raises(Invalid) as caught:
        await editing.add_tags(house.desk, ERRAND, job.id, (("one more", ""),))

    assert [fault.code for fault in caught.value.faults] == [FaultCode.TAGS_TOO_MANY]


async def test_an_edit_that_never_gets_through_says_so(house):
    job = await a_draft(house)

    async def always_late(fn, *args):
        raise StaleWrite

    house.records.change = always_late
    with pytest.raises(StaleWrite):
        await editing.update(house.desk, ERRAND, job.id, {"desc": "new"})
