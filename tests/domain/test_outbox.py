"""Letters: when they are tried again, and when they are given up."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from penstock.domain.outbox import LetterKind, about_subscription, after_failure
from penstock.testing.clock import NOON
from penstock.testing.topic_builders import a_letter


def tries_of(letter):
    """When it is tried, if every try fails, until it expires."""
    now, times = letter.created_at, []
    while not letter.is_expired(now):
        times.append(now)
        letter = after_failure(letter, now)
        now = letter.next_try_at
    return times


def test_a_letter_is_due_at_once_and_expires():
    letter = a_letter(life=timedelta(hours=1))

    assert (letter.next_try_at, letter.tries) == (NOON, 0)
    assert not letter.is_expired(NOON + timedelta(minutes=59))
    assert letter.is_expired(NOON + timedelta(hours=1))


def test_the_pauses_grow_to_five_minutes():
    times = tries_of(a_letter(life=timedelta(hours=2)))

    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    for found, wanted in zip(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], strict=False):
        assert wanted <= found <= wanted * 1.1


@given(st.integers(1, 100_000), st.integers(0, 60))
def test_the_last_try_is_never_after_the_end(seconds, tries):
    letter = a_letter(life=timedelta(seconds=seconds))
    for _ in range(tries):
        letter = after_failure(letter, min(letter.next_try_at, letter.expires_at))

    assert letter.next_try_at <= letter.expires_at
    assert letter.tries == tries


def test_letters_of_one_message_do_not_return_together():
    pauses = {after_failure(a_letter(number), NOON).next_try_at for number in range(1, 20)}

    assert len(pauses) > 10


def test_a_letter_that_asks_for_a_confirmation_carries_another_token():
    letter = about_subscription(a_letter(), LetterKind.SUBSCRIPTION_CONFIRMATION, b"confirm")

    assert (letter.kind, letter.sealed_token, letter.subject) == (LetterKind.SUBSCRIPTION_CONFIRMATION, b"confirm", "")
    assert (letter.id, letter.message_id) == (a_letter().id, a_letter().message_id)
