"""What every adapter of `ports.notifier` promises, as tests; an adapter's tests inherit NotifierSuite.

They need two fixtures: `notifier`, and `receiver`, whom its letters reach.
"""

from typing import Protocol as Shape

import pytest

from penstock.domain.errors import OutsideRefused, OutsideUnavailable
from penstock.domain.outbox import Letter, LetterKind, about_subscription
from penstock.domain.topic import Protocol
from penstock.ports.notifier import Notifier
from penstock.testing.topic_builders import a_letter, a_subscription

LINK = "http://penstock.example/link?token=t"


class Receiver(Shape):
    """Whom the letters of a test reach."""

    endpoint: str
    protocol: Protocol

    def received(self) -> list[str]:
        """What came, each as one text that holds all of it."""
        ...

    def is_away(self) -> None:
        """From now on it takes nothing, but may later."""
        ...

    def is_gone(self) -> None:
        """From now on it takes nothing, ever."""
        ...


def letter_for(receiver: Receiver, number: int = 1, **changes: str) -> Letter:
    subscription = a_subscription(number, protocol=receiver.protocol, endpoint=receiver.endpoint)
    return a_letter(number, subscription=subscription, **changes)


class NotifierSuite:
    """All of it."""

    async def test_it_says_which_subscriptions_it_tells(self, notifier: Notifier, receiver: Receiver) -> None:
        assert receiver.protocol in notifier.protocols

    async def test_a_letter_arrives_with_all_that_it_says(self, notifier: Notifier, receiver: Receiver) -> None:
        letter = letter_for(receiver, subject="Job prices failed", text="first line, then more")

        await notifier.tell(letter, LINK)

        [received] = receiver.received()
        for words in (letter.message_id, "Job prices failed", "first line, then more", letter.topic_urn, LINK):
            assert words in received

    async def test_telling_again_comes_again_under_the_same_id(self, notifier: Notifier, receiver: Receiver) -> None:
        letter = letter_for(receiver)

        await notifier.tell(letter, LINK)
        await notifier.tell(letter, LINK)

        assert [letter.message_id in received for received in receiver.received()] == [True, True]

    @pytest.mark.parametrize("kind", LetterKind)
    async def test_every_kind_of_letter_arrives_with_its_link(
        self, notifier: Notifier, receiver: Receiver, kind: LetterKind
    ) -> None:
        await notifier.tell(about_subscription(letter_for(receiver), kind, b""), LINK)

        [received] = receiver.received()
        assert LINK in received

    @pytest.mark.parametrize(
        "text", ["中文，换行\n第二行", "quotes \" ' and <b>&amp;</b>", ".\n..\n.", "x" * 262_144, "🔥"]
    )
    async def test_any_text_arrives(self, notifier: Notifier, receiver: Receiver, text: str) -> None:
        await notifier.tell(letter_for(receiver, text=text, subject="主题 🔥"), LINK)

        assert len(receiver.received()) == 1

    async def test_who_is_away_is_worth_another_try(self, notifier: Notifier, receiver: Receiver) -> None:
        receiver.is_away()

        with pytest.raises(OutsideUnavailable):
            await notifier.tell(letter_for(receiver), LINK)

    async def test_who_is_gone_is_not(self, notifier: Notifier, receiver: Receiver) -> None:
        receiver.is_gone()

        with pytest.raises(OutsideRefused):
            await notifier.tell(letter_for(receiver), LINK)
