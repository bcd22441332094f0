"""Passwords: hashed, compared, and not to be guessed quickly."""

import pytest

from penstock.domain.errors import NotKnown
from penstock.domain.faults import FaultCode
from penstock.usecases.passwords import Attempts, Passwords

pytestmark = pytest.mark.anyio


async def test_the_right_password_opens_and_another_does_not(anyio_backend):
    passwords = Passwords(cost=2)
    kept = await passwords.hashed("mot de passe é\ud800")

    await passwords.demand("someone", "mot de passe é\ud800", kept, 0)
    with pytest.raises(NotKnown):
        await passwords.demand("someone", "mot de passe e", kept, 0)


async def test_the_same_password_never_has_the_same_hash(anyio_backend):
    passwords = Passwords(cost=2)
    first, second = await passwords.hashed("same one"), await passwords.hashed("same one")

    assert first != second
    assert "same one" not in first


async def test_where_there_is_no_password_none_opens(anyio_backend):
    for password in ("", "password"):
        with pytest.raises(NotKnown) as refused:
            await Passwords(cost=2).demand("someone", password, "", 0)
        assert refused.value.faults[0].code is FaultCode.LOGIN_FAILED


def taken(attempts, name, now):
    try:
        attempts.take(name, now)
    except NotKnown as error:
        return error.faults[0].params["seconds"]
    return 0


def test_five_attempts_are_free_and_then_one_each_twelve_seconds():
    attempts = Attempts()

    assert [taken(attempts, "a", 100.0) for _ in range(7)] == [0, 0, 0, 0, 0, 12, 12]
    assert [taken(attempts, "a", 112.0) for _ in range(2)] == [0, 12]
    assert [taken(attempts, "a", 119.5) for _ in range(2)] == [5, 5]


def test_names_do_not_spoil_each_other():
    attempts = Attempts()
    for _ in range(6):
        taken(attempts, "a", 0)

    assert taken(attempts, "b", 0) == 0


def test_the_right_password_gives_the_attempts_back():
    attempts = Attempts()
    for _ in range(5):
        attempts.take("a", 0)
    attempts.give_back("a")

    assert [taken(attempts, "a", 0) for _ in range(5)] == [0] * 5


def test_an_attempt_long_after_finds_all_of_them_again():
    attempts = Attempts()
    for _ in range(6):
        taken(attempts, "a", 0)

    assert [taken(attempts, "a", 3600) for _ in range(6)] == [0, 0, 0, 0, 0, 12]


def test_names_without_end_do_not_fill_the_memory():
    attempts = Attempts()
    for number in range(20_000):
        attempts.take(str(number), 0)

    assert len(attempts._full_at) == 10_000
