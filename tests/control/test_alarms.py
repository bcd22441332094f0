"""Alarms: written with the change that they tell of, delivered until they are taken, told of in the history."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from control.post_office import PostOffice
from control.theatre import Died, Theatre
from penstock.domain.errors import OutsideRefused, OutsideUnavailable
from penstock.domain.lifecycle import News, State
from penstock.domain.outbox import LetterKind, about_subscription
from penstock.domain.reason import ReasonCode
from penstock.domain.topic import Protocol, SubscriptionStatus
from penstock.testing.builders import PROJECT
from penstock.testing.topic_builders import TOPIC_URN, a_letter, a_subscription, a_topic

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(theatre):
    return PostOffice(theatre)


async def a_failed_job(theatre, **spec):
    job_id = await theatre.create("Fails", smn_topic="topic", **spec)
    await theatre.play(8)
    assert await theatre.state(job_id) in {State.FAILED, State.LAUNCH_FAILED}
    return job_id


# --- written with the change ---


async def test_a_job_that_breaks_leaves_a_letter_for_each_confirmed_subscriber(theatre, office):
    unconfirmed = a_subscription(3, status=SubscriptionStatus.UNCONFIRMED)
    await office.set_up(a_subscription(1), a_subscription(2), unconfirmed)

    job_id = await a_failed_job(theatre)

    letters = await office.letters()
    assert {letter.subscription_urn for letter in letters} == {a_subscription(1).urn, a_subscription(2).urn}
    assert len({letter.message_id for letter in letters}) == 1
    assert {letter.job_id for letter in letters} == {job_id}
    [fact] = await office.facts(job_id)
    assert (fact.what, fact.reason.params) == ("alarm_written", {"topic": "topic", "receivers": 2})


async def test_a_job_that_cannot_be_submitted_is_told_of_too(theatre, office):
    await office.set_up()
    job_id = await theatre.create(smn_topic="topic", queue_name="nowhere")

    await theatre.play(2)

    assert await theatre.state(job_id) is State.LAUNCH_FAILED
    [letter] = await office.letters()
    assert "queue_gone" in letter.message


async def test_a_job_that_ends_well_or_is_stopped_tells_nobody(theatre, office):
    await office.set_up()
    await theatre.create("Bounded", smn_topic="topic")
    job_id = await theatre.create(smn_topic="topic")
    await theatre.play(8)

    await theatre.ask(job_id, News.STOP_ASKED)
    await theatre.play(8)

    assert await office.letters() == []


async def test_a_job_without_a_topic_tells_nobody(theatre, office):
    await office.set_up()
    await theatre.create("Fails")

    await theatre.play(8)

    assert await office.letters() == []


async def test_each_run_that_breaks_has_an_alarm_of_its_own(theatre, office):
    await office.set_up()
    job_id = await a_failed_job(theatre)

    await theatre.ask(job_id, News.RUN_ASKED)
    await theatre.play(8)

    assert len({letter.message_id for letter in await office.letters()}) == 2


async def test_a_topic_that_is_gone_is_told_in_the_history(theatre, office):
    await office.set_up()
    job_id = await theatre.create("Fails", smn_topic="topic")
    await theatre.memory.change(lambda tx: tx.topics.delete(a_topic()))

    await theatre.play(8)

    [fact] = await office.facts(job_id)
    assert (fact.what, fact.reason.code) == ("alarm_dropped", ReasonCode.ALARM_TOPIC_GONE)
    assert await office.letters() == []


async def test_a_topic_that_nobody_hears_is_told_in_the_history(theatre, office):
    await office.set_up(a_subscription(status=SubscriptionStatus.CANCELLED))

    job_id = await a_failed_job(theatre)

    [fact] = await office.facts(job_id)
    assert fact.reason.params["receivers"] == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("steps", range(1, 40, 2))
async def test_wherever_the_controller_dies_there_is_an_alarm_exactly_for_a_failed_job(steps, after):
    theatre = Theatre()
    await theatre.set_up()
    office = PostOffice(theatre)
    await office.set_up()
    job_id = await theatre.create("Fails", smn_topic="topic")

    theatre.fuse.left, theatre.fuse.after = steps, after
    with suppress(Died, BaseExceptionGroup):
        await theatre.play(6)
    theatre.fuse.left = None

    has_failed = await theatre.state(job_id) in {State.FAILED, State.LAUNCH_FAILED}
    assert len(await office.letters()) == has_failed
    theatre.raise_curtain()
    await theatre.play(10)
    assert len(await office.letters()) == 1


# --- delivered ---


async def test_a_letter_is_told_once_and_leaves_the_outbox(theatre, office):
    await office.set_up()
    job_id = await a_failed_job(theatre)

    await office.play(3, seconds=1)

    [(letter, link)] = office.notifier.told
    assert link == "http://penstock/smn/subscriptions/leave?token=sealed-1"
    assert await office.letters() == []
    facts = await office.facts(job_id)
    assert [fact.what for fact in facts] == ["alarm_written", "alarm_delivered"]
    assert facts[-1].reason.params == {"topic": "topic", "protocol": "http"}
    assert (facts[-1].before, letter.job_id) == (facts[-1].after, job_id)


async def test_a_question_carries_the_link_to_confirm(office):
    await office.write(about_subscription(a_letter(), LetterKind.SUBSCRIPTION_CONFIRMATION, b"sealed abc"))

    await office.play()

    assert office.notifier.told[0][1] == "http://penstock/smn/subscriptions/confirm?token=abc"


async def test_who_is_away_is_told_later_under_the_same_id(office):
    await office.write(a_letter())
    office.notifier.trouble = OutsideUnavailable("the receiver answered 500")
    await office.play(3, seconds=30)
    assert [letter.tries for letter in await office.letters()] == [3]

    office.notifier.trouble = None
    await office.play(1, seconds=30)

    assert office.notifier.messages == [a_letter().message_id]


async def test_the_next_look_comes_when_the_next_letter_is_due(office):
    await office.write(a_letter(said_at=office.clock.now() + timedelta(seconds=2)))

    assert await office.play() == 2.0
    assert await office.play(seconds=2) == 5.0


async def test_who_never_will_take_it_is_given_up_with_a_warning_and_a_fact(theatre, office):
    await office.set_up()
    job_id = await a_failed_job(theatre)
    office.notifier.trouble = OutsideRefused("10.0.0.1 may not be called")

    with capture_logs() as lines:
        await office.play()

    assert await office.letters() == []
    fact = (await office.facts(job_id))[-1]
    assert (fact.what, fact.reason.code) == ("alarm_given_up", ReasonCode.ALARM_GIVEN_UP)
    assert fact.reason.params["said"] == "10.0.0.1 may not be called"
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["letter given up"]


async def test_a_letter_that_expires_is_given_up_untold(theatre, office):
    await office.set_up()
    job_id = await a_failed_job(theatre)
    office.notifier.trouble = OutsideUnavailable()
    await office.play(3, seconds=60)

    office.notifier.trouble = None
    with capture_logs() as lines:
        await office.play(seconds=24 * 3600)

    assert office.notifier.told == []
    assert (await office.facts(job_id))[-1].what == "alarm_given_up"
    assert "letter given up" in {line["event"] for line in lines if line["log_level"] == "warning"}


async def test_a_death_between_telling_and_noting_tells_once_more_under_the_same_id(theatre, office):
    await office.set_up()
    job_id = await a_failed_job(theatre)
    await office.lease.renew()
    theatre.fuse.left = 1

    with pytest.raises(BaseExceptionGroup):
        async with asyncio.TaskGroup() as acts:
            await office.publisher.look(acts)
    theatre.fuse.left = None
    assert len(office.notifier.told) == 1
    office.open()
    await office.play(2)

    assert len(office.notifier.told) == 2
    assert len(set(office.notifier.messages)) == 1
    assert [fact.what for fact in await office.facts(job_id)] == ["alarm_written", "alarm_delivered"]


async def test_a_slow_receiver_holds_up_nobody_else(office):
    done = asyncio.Event()
    slow = a_subscription(1)
    office.notifier.slow[slow.endpoint] = done
    many = [replace(a_letter(number, subscription=slow), next_try_at=office.clock.now()) for number in range(1, 50)]
    await office.write(*many, a_letter(60), a_letter(61))
    await office.lease.renew()

    async with asyncio.TaskGroup() as acts:
        await office.publisher.look(acts)
        await office.notifier.until_told(2)
        others = set(office.notifier.messages)
        done.set()

    assert others == {a_letter(60).message_id, a_letter(61).message_id}


async def test_a_receiver_gets_one_letter_at_a_time(office):
    done = asyncio.Event()
    office.notifier.slow[a_subscription(1).endpoint] = done
    await office.write(*[a_letter(number, subscription=a_subscription(1)) for number in (1, 2, 3)])
    await office.lease.renew()

    async with asyncio.TaskGroup() as acts:
        for _ in range(3):
            await office.publisher.look(acts)
        done.set()

    assert len(office.notifier.told) == 1
    await office.play(3)
    assert sorted(office.notifier.messages) == [a_letter(number).message_id for number in (1, 2, 3)]


async def test_slow_mails_hold_up_no_webhook(office):
    done = asyncio.Event()
    mails = [a_subscription(number, protocol=Protocol.EMAIL, endpoint=f"u{number}@b.c") for number in range(1, 40)]
    office.notifier.slow = {mail.endpoint: done for mail in mails}
    await office.write(*[a_letter(number, subscription=mail) for number, mail in enumerate(mails, 1)], a_letter(90))
    await office.lease.renew()

    async with asyncio.TaskGroup() as acts:
        await office.publisher.look(acts)
        await office.notifier.until_told(1)
        assert office.notifier.messages == [a_letter(90).message_id]
        done.set()

    assert len(office.notifier.told) == 17
    await office.play(3)
    assert len(office.notifier.told) == 40


async def test_a_protocol_that_nobody_tells_waits_for_the_operator(office):
    office.open(protocols=[])
    await office.write(a_letter())
    await office.play()
    [letter] = await office.letters()
    assert letter.tries == 1

    office.open()
    await office.play(seconds=60)

    assert office.notifier.messages == [letter.message_id]


async def test_a_notifier_that_breaks_costs_one_try(office):
    office.notifier.trouble = ZeroDivisionError("a stranger's mistake")
    await office.write(a_letter())

    with capture_logs() as lines:
        await office.play()

    assert [letter.tries for letter in await office.letters()] == [1]
    assert "notifier broke" in {line["event"] for line in lines}


async def test_only_the_holder_of_the_lease_tells(office):
    await office.write(a_letter())
    await office.lease.renew()
    first = office.publisher
    office.open(holder="another")

    with pytest.raises(ExceptionGroup, match="unhandled"):
        await office.play()

    assert office.notifier.told == []
    async with asyncio.TaskGroup() as acts:
        await first.look(acts)
    assert len(office.notifier.told) == 1


async def test_endpoints_stay_out_of_the_log(office):
    await office.write(a_letter())
    office.notifier.trouble = OutsideUnavailable("away")

    with capture_logs() as lines:
        await office.play()

    assert "receiver-1.example" not in repr(lines)


async def test_a_subscription_that_is_deleted_meanwhile_leaves_no_fact_and_no_letter(theatre, office):
    await office.set_up()
    job_id = await a_failed_job(theatre)
    done = asyncio.Event()
    office.notifier.slow[a_subscription().endpoint] = done
    await office.lease.renew()

    async with asyncio.TaskGroup() as acts:
        await office.publisher.look(acts)
        await theatre.memory.change(lambda tx: tx.subscriptions.delete(a_subscription()))
        done.set()

    assert [fact.what for fact in await office.facts(job_id)] == ["alarm_written"]
    page = await theatre.memory.look(lambda tx: tx.subscriptions.hearing(TOPIC_URN))
    assert (page, await office.letters(), PROJECT) == ([], [], a_topic().project_id)
