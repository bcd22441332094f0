"""A place is let go of when the state directory that it was bound to is gone for good."""

from dataclasses import replace
from datetime import timedelta

import pytest

from penstock.domain.caller import Caller
from penstock.domain.errors import NotAllowed, NotFound, NotNow
from penstock.ports.places import FRESH, report_of
from penstock.testing.engine import FakeEngine
from penstock.usecases.joining import bind_places
from penstock.usecases.places import release
from usecases.house import ERRAND, USER

pytestmark = pytest.mark.anyio

OPERATOR = Caller(user=replace(USER, is_operator=True), projects=())


async def look_after(house, name):
    report = report_of(name, "local", FakeEngine(house.clock), house.clock.now())
    await house.records.change(lambda tx: tx.places.save(report))


async def test_a_released_place_may_be_had_by_another_state_directory(house):
    await bind_places(house.records, "site-a", ["a"])

    await release(house.desk, OPERATOR, "a")

    await bind_places(house.records, "site-b", ["a"])


async def test_a_place_that_a_service_looks_after_is_not_released(house):
    await bind_places(house.records, "site-a", ["a"])
    await look_after(house, "a")

    with pytest.raises(NotNow):
        await release(house.desk, OPERATOR, "a")
    house.clock.advance(FRESH + timedelta(seconds=1))
    await release(house.desk, OPERATOR, "a")


async def test_a_place_that_is_bound_to_nothing_has_nothing_to_release(house):
    with pytest.raises(NotFound):
        await release(house.desk, OPERATOR, "a")


async def test_only_operators_release_places(house):
    await bind_places(house.records, "site-a", ["a"])

    with pytest.raises(NotAllowed):
        await release(house.desk, ERRAND.caller, "a")
