"""What the probes find out, also when nothing answers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.house import House, a_house
from penstock.domain.errors import StoreUnavailable
from penstock.testing.records import MemoryRecords
from penstock.usecases.atlas import Atlas
from penstock.usecases.health import readiness

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


class SilentRecords(MemoryRecords):
    async def look(self, *_: Any, **__: Any) -> Any:
        raise StoreUnavailable


async def test_records_and_a_place_make_a_service_ready(house: House) -> None:
    assert (await readiness(house.desk)).is_ready


async def test_records_that_do_not_answer_are_found_out_not_raised(house: House) -> None:
    seen = await readiness(replace(house.desk, records=SilentRecords()))

    assert (seen.records, seen.is_ready) == (False, False)


async def test_without_places_nothing_can_start(house: House) -> None:
    assert not (await readiness(replace(house.desk, places=Atlas(house.clock, {}, {})))).is_ready


async def test_a_lost_store_is_said_and_makes_no_service_unready(house: House) -> None:
    house.desk.shelf.hear("The object store is gone.")

    seen = await readiness(house.desk)

    assert (seen.store, seen.is_ready) == (False, True)
