"""Topics, who hears them, and what must be told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from penstock.domain.outbox import Letter, after_failure
from penstock.domain.run import JobId
from penstock.domain.topic import Protocol, Subscription, SubscriptionStatus
from penstock.ports.records import Records, Tx
from penstock.ports.topics import SubscriptionFilter, TopicFilter
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import ELSEWHERE, SECOND
from penstock.testing.topic_builders import TOPIC_URN, a_letter, a_subscription, a_topic

HTTP = Protocol.HTTP


async def with_topic(records: Records, *subscriptions: Subscription) -> None:
    """The topic of the builders, and these subscriptions."""

    def put(tx: Tx) -> None:
        tx.topics.add(a_topic())
        for subscription in subscriptions:
            tx.subscriptions.add(subscription)

    await records.change(put)


async def add(records: Records, letter: Letter) -> None:
    await records.change(lambda tx: tx.outbox.add(letter))


class TopicsSuite:
    """Topics by project and name."""

    async def test_a_topic_is_kept_as_it_was_added(self, records: Records) -> None:
        topic = a_topic(display_name="告警", enterprise_project_id="7")

        assert await records.change(lambda tx: tx.topics.add(topic))

        assert await records.look(lambda tx: tx.topics.find(PROJECT, "topic")) == topic
        assert await records.look(lambda tx: tx.topics.find(ELSEWHERE, "topic")) is None
        assert await records.look(lambda tx: tx.topics.find(PROJECT, "Topic")) is None

    async def test_adding_a_name_again_changes_nothing(self, records: Records) -> None:
        await records.change(lambda tx: tx.topics.add(a_topic()))

        assert not await records.change(lambda tx: tx.topics.add(a_topic(id="e" * 32, display_name="other")))

        assert await records.look(lambda tx: tx.topics.find(PROJECT, "topic")) == a_topic()

    async def test_a_topic_can_be_shown_by_another_name(self, records: Records) -> None:
        await records.change(lambda tx: tx.topics.add(a_topic()))
        changed = a_topic(display_name="new", updated_at=NOON + SECOND)

        await records.change(lambda tx: tx.topics.save(changed))

        assert await records.look(lambda tx: tx.topics.find(PROJECT, "topic")) == changed

    @pytest.mark.parametrize(
        ("wanted", "names", "total"),
        [
            (TopicFilter(), ["a", "ab", "c"], 3),
            (TopicFilter(offset=1, limit=1), ["ab"], 3),
            (TopicFilter(name="a"), ["a"], 1),
            (TopicFilter(fuzzy_name="a"), ["a", "ab"], 2),
            (TopicFilter(fuzzy_name="%"), [], 0),
            (TopicFilter(fuzzy_display_name="of c"), ["c"], 1),
            (TopicFilter(id="id of ab"), ["ab"], 1),
        ],
    )
    async def test_topics_are_listed_by_name_and_in_pages(
        self, records: Records, wanted: TopicFilter, names: list[str], total: int
    ) -> None:
        def add(tx: Tx) -> None:
            for name in ("c", "a", "ab"):
                tx.topics.add(a_topic(name=name, id=f"id of {name}", display_name=f"display of {name}"))
            tx.topics.add(a_topic(name="a", project_id=ELSEWHERE))

        await records.change(add)

        page = await records.look(lambda tx: tx.topics.list(PROJECT, wanted))
        assert ([topic.name for topic in page.topics], page.total) == (names, total)

    async def test_a_deleted_topic_takes_its_subscriptions_and_letters_along(self, records: Records) -> None:
        await with_topic(records, a_subscription())
        await records.change(lambda tx: tx.outbox.add(a_letter()))

        await records.change(lambda tx: tx.topics.delete(a_topic()))

        assert await records.look(lambda tx: tx.topics.find(PROJECT, "topic")) is None
        assert await records.look(lambda tx: tx.subscriptions.count(TOPIC_URN)) == 0
        assert await records.look(lambda tx: tx.outbox.next_due(HTTP)) is None
        assert await records.change(lambda tx: tx.topics.add(a_topic()))


class SubscriptionsSuite:
    """Who hears a topic."""

    async def test_a_subscription_is_kept_as_it_was_added(self, records: Records) -> None:
        unconfirmed = a_subscription(
            remark="备注",
            status=SubscriptionStatus.UNCONFIRMED,
            confirm_hash="c" * 64,
            confirm_until=NOON + timedelta(hours=48),
            sealed_leave=bytes(range(256)),
        )

        await with_topic(records, unconfirmed)

        assert await records.look(lambda tx: tx.subscriptions.find(PROJECT, unconfirmed.urn)) == unconfirmed
        assert await records.look(lambda tx: tx.subscriptions.find(ELSEWHERE, unconfirmed.urn)) is None

    async def test_a_subscription_is_found_by_its_endpoint_and_its_tokens(self, records: Records) -> None:
        first, second = a_subscription(1, confirm_hash="c1"), a_subscription(2)
        await with_topic(records, first, second)

        found = [
            await records.look(lambda tx: tx.subscriptions.at(TOPIC_URN, Protocol.HTTP, first.endpoint)),
            await records.look(lambda tx: tx.subscriptions.to_confirm("c1")),
            await records.look(lambda tx: tx.subscriptions.to_leave("leave-1")),
        ]

        assert found == [first] * 3
        assert await records.look(lambda tx: tx.subscriptions.at(TOPIC_URN, Protocol.HTTPS, first.endpoint)) is None

    async def test_an_empty_token_finds_nobody(self, records: Records) -> None:
        await with_topic(records, a_subscription(confirm_hash="", leave_hash=""))

        assert await records.look(lambda tx: tx.subscriptions.to_confirm("")) is None
        assert await records.look(lambda tx: tx.subscriptions.to_leave("")) is None

    async def test_only_confirmed_ones_hear_their_own_topic(self, records: Records) -> None:
        every = [a_subscription(int(status) + 1, status=status) for status in SubscriptionStatus]
        await with_topic(records, *every)

        hearing = await records.look(lambda tx: tx.subscriptions.hearing(TOPIC_URN))

        assert [int(one.status) for one in hearing] == [1, 2]
        assert await records.look(lambda tx: tx.subscriptions.count(TOPIC_URN)) == 5
        assert await records.look(lambda tx: tx.subscriptions.hearing(a_topic(name="other").urn)) == []

    @pytest.mark.parametrize(
        ("wanted", "numbers", "total"),
        [
            (SubscriptionFilter(), [1, 2, 3], 3),
            (SubscriptionFilter(offset=2, limit=5), [3], 3),
            (SubscriptionFilter(topic_urn=TOPIC_URN), [1, 2], 2),
            (SubscriptionFilter(protocol=Protocol.EMAIL), [2], 1),
            (SubscriptionFilter(status=SubscriptionStatus.UNCONFIRMED), [3], 1),
            (SubscriptionFilter(endpoint="a@b.c"), [2], 1),
            (SubscriptionFilter(fuzzy_remark="hon"), [1], 1),
        ],
    )
    async def test_subscriptions_are_listed_in_the_order_in_which_they_were_made(
        self, records: Records, wanted: SubscriptionFilter, numbers: list[int], total: int
    ) -> None:
        other = a_topic(name="other")
        await records.change(lambda tx: tx.topics.add(other))
        unconfirmed = SubscriptionStatus.UNCONFIRMED
        await with_topic(
            records,
            a_subscription(3, topic_urn=other.urn, status=unconfirmed, created_at=NOON + SECOND * 2),
            a_subscription(2, protocol=Protocol.EMAIL, endpoint="a@b.c", created_at=NOON + SECOND),
            a_subscription(1, remark="phone"),
        )

        page = await records.look(lambda tx: tx.subscriptions.list(PROJECT, wanted))

        assert ([int(one.urn[-32:], 16) for one in page.subscriptions], page.total) == (numbers, total)
        assert (await records.look(lambda tx: tx.subscriptions.list(ELSEWHERE, wanted))).total == 0

    async def test_a_saved_subscription_is_the_new_one(self, records: Records) -> None:
        await with_topic(records, a_subscription(status=SubscriptionStatus.UNCONFIRMED, confirm_hash="c"))

        await records.change(lambda tx: tx.subscriptions.save(a_subscription()))

        urn = a_subscription().urn
        assert await records.look(lambda tx: tx.subscriptions.find(PROJECT, urn)) == a_subscription()

    async def test_a_deleted_subscription_takes_its_letters_along(self, records: Records) -> None:
        await with_topic(records, a_subscription(1), a_subscription(2))
        for number in (1, 2):
            await add(records, a_letter(number))

        await records.change(lambda tx: tx.subscriptions.delete(a_subscription(1)))

        assert await records.look(lambda tx: tx.subscriptions.find(PROJECT, a_subscription(1).urn)) is None
        assert await records.look(lambda tx: tx.outbox.due(HTTP, NOON)) == [a_letter(2)]


class OutboxSuite:
    """What must be told."""

    async def test_a_letter_is_kept_as_it_was_added_and_added_once(self, records: Records) -> None:
        letter = a_letter(text="多行\n文字", subject="主题", job_id=JobId(7))
        await records.change(lambda tx: tx.outbox.add(letter))

        await records.change(lambda tx: tx.outbox.add(replace(letter, message="other")))

        assert await records.look(lambda tx: tx.outbox.due(HTTP, NOON)) == [letter]

    async def test_letters_are_due_when_their_time_has_come_longest_due_first(self, records: Records) -> None:
        for number, late in ((1, 3), (2, 1), (3, 5)):
            await add(records, a_letter(number, said_at=NOON + SECOND * late))

        async def due(seconds: int, limit: int = 10) -> list[str]:
            now = NOON + SECOND * seconds
            found = await records.look(lambda tx: tx.outbox.due(HTTP, now, limit=limit))
            return [letter.message_id[-1] for letter in found]

        assert [await due(0), await due(1), await due(4), await due(9, limit=1)] == [[], ["2"], ["2", "1"], ["2"]]

    async def test_busy_endpoints_are_left_out(self, records: Records) -> None:
        for number in (1, 2):
            await add(records, a_letter(number, said_at=NOON + SECOND * number))
        busy = {a_subscription(1).endpoint}

        due = await records.look(lambda tx: tx.outbox.due(HTTP, NOON + SECOND * 9, besides=busy))

        assert [letter.message_id[-1] for letter in due] == ["2"]
        assert await records.look(lambda tx: tx.outbox.next_due(HTTP)) == NOON + SECOND
        assert await records.look(lambda tx: tx.outbox.next_due(HTTP, besides=busy)) == NOON + SECOND * 2

    async def test_letters_are_asked_for_by_protocol(self, records: Records) -> None:
        mail = a_letter(subscription=a_subscription(protocol=Protocol.EMAIL, endpoint="a@b.c"))
        await add(records, mail)

        assert await records.look(lambda tx: tx.outbox.due(HTTP, NOON)) == []
        assert await records.look(lambda tx: tx.outbox.next_due(HTTP)) is None
        assert await records.look(lambda tx: tx.outbox.due(Protocol.EMAIL, NOON)) == [mail]

    async def test_a_failed_letter_waits_and_changes_in_nothing_else(self, records: Records) -> None:
        await records.change(lambda tx: tx.outbox.add(a_letter()))
        later = replace(a_letter(), tries=1, next_try_at=NOON + SECOND * 3)

        await records.change(lambda tx: tx.outbox.save(replace(later, message="other")))

        assert await records.look(lambda tx: tx.outbox.due(HTTP, NOON + SECOND * 2)) == []
        assert await records.look(lambda tx: tx.outbox.due(HTTP, NOON + SECOND * 3)) == [later]

    async def test_a_removed_letter_is_gone_once(self, records: Records) -> None:
        await records.change(lambda tx: tx.outbox.add(a_letter()))

        assert await records.change(lambda tx: tx.outbox.remove(a_letter().id))
        assert not await records.change(lambda tx: tx.outbox.remove(a_letter().id))
        await records.change(lambda tx: tx.outbox.save(after_failure(a_letter(), NOON)))
        assert await records.look(lambda tx: tx.outbox.next_due(HTTP)) is None
