"""The first start, and tokens, without HTTP around them."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest

from api.house import MINE, SECOND, THEIRS, House, a_house
from penstock.domain.errors import NotAllowed, NotKnown
from penstock.testing.records import MemoryRecords
from penstock.usecases.access import (
    Profile,
    demand_operator,
    first_start,
    issue_token,
    known_by_key,
    known_by_token,
    project_of,
)
from penstock.usecases.desk import Desk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


@pytest.fixture
def empty(house: House) -> Desk:
    return replace(house.desk, records=MemoryRecords())


async def test_the_first_start_makes_an_operator_with_a_key_and_a_project(empty: Desk) -> None:
    handed_over: list[Profile] = []

    profile = await first_start(empty, handed_over.append, pytest.fail)

    assert profile is not None
    assert handed_over == [profile]
    holder = await known_by_key(empty, profile.access_key)
    assert holder is not None
    assert holder.secret == profile.secret_key
    assert holder.caller.user.is_operator
    assert [(project.id, project.name) for project in holder.caller.projects] == [(profile.project_id, "cn-north-4")]


async def test_the_secret_is_kept_sealed(empty: Desk) -> None:
    profile = await first_start(empty, lambda _: None, pytest.fail)

    assert profile is not None
    key = await empty.records.look(lambda tx: tx.callers.key(profile.access_key))
    assert key is not None
    assert profile.secret_key.encode() not in key.sealed_secret


async def test_a_later_start_makes_nobody(empty: Desk) -> None:
    await first_start(empty, lambda _: None, pytest.fail)

    assert await first_start(empty, pytest.fail, pytest.fail) is None


async def test_a_profile_that_cannot_be_written_leaves_the_first_start_to_the_next(empty: Desk) -> None:
    def full(_: Profile) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await first_start(empty, full, pytest.fail)

    assert await first_start(empty, lambda _: None, pytest.fail) is not None


class LosingRecords(MemoryRecords):
    """The first try of a change loses against another service, which was quicker, and is run again."""

    def __init__(self, quicker: Desk) -> None:
        super().__init__()
        self._quicker = quicker

    async def change(self, fn, *args, **kwargs):
        with suppress(_Lost):
            await super().change(_lose, fn, *args, **kwargs)
        await first_start(replace(self._quicker, records=self._other), lambda _: None, pytest.fail)
        return await self._other.change(fn, *args, **kwargs)

    @cached_property
    def _other(self) -> MemoryRecords:
        return MemoryRecords()


class _Lost(Exception):
    pass


def _lose(tx, fn, *args, **kwargs):
    fn(tx, *args, **kwargs)
    raise _Lost


async def test_a_profile_of_a_first_start_that_lost_is_taken_back(empty: Desk) -> None:
    handed_over: list[Profile] = []
    late = replace(empty, records=LosingRecords(empty))

    made = await first_start(late, handed_over.append, handed_over.clear)

    assert (made, handed_over) == (None, [])


async def test_only_the_hash_of_a_token_is_kept(house: House) -> None:
    holder = await known_by_key(house.desk, "AK")
    assert holder is not None

    issued = await issue_token(house.desk, holder.caller, SECOND)

    kept = await house.desk.records.look(lambda tx: tx.callers.token(hashlib.sha256(issued.text.encode()).hexdigest()))
    assert kept is not None
    assert issued.text not in repr(kept)
    assert [project.id for project in (await known_by_token(house.desk, issued.text.encode())).projects] == [SECOND]


async def test_a_token_is_refused_at_the_moment_it_expires(house: House) -> None:
    holder = await known_by_key(house.desk, "AK")
    assert holder is not None
    issued = await issue_token(house.desk, holder.caller, None)

    house.clock.set(issued.token.expires_at)

    with pytest.raises(NotKnown):
        await known_by_token(house.desk, issued.text.encode())


async def test_nobody_is_known_by_a_key_that_was_never_made(house: House) -> None:
    assert await known_by_key(house.desk, "AK9") is None


async def test_a_key_reaches_the_projects_of_its_account_and_no_others(house: House) -> None:
    holder = await known_by_key(house.desk, "AK")
    assert holder is not None

    assert project_of(holder.caller, MINE).id == MINE
    with pytest.raises(NotAllowed):
        project_of(holder.caller, THEIRS)


async def test_a_caller_without_projects_gets_no_token(house: House) -> None:
    holder = await known_by_key(house.desk, "AK2")
    assert holder is not None

    with pytest.raises(NotAllowed):
        await issue_token(house.desk, replace(holder.caller, projects=()), None)


async def test_only_operators_pass_as_operators(house: House) -> None:
    operator, other = await known_by_key(house.desk, "AK"), await known_by_key(house.desk, "AK2")
    assert operator is not None
    assert other is not None

    demand_operator(operator.caller)
    with pytest.raises(NotAllowed):
        demand_operator(other.caller)
