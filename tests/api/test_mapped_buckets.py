"""Mapped buckets over HTTP: an operator says where they lie, projects see it, and store says why it may not be."""

from pathlib import Path

import pytest

from api.house import MINE, THEIRS, House, a_house
from penstock.testing.object_store import MemoryObjectStore

pytestmark = pytest.mark.anyio

LOGS = f"/penstock/v1/projects/{MINE}/buckets/logs"
PLACE = {"location": "acme-data/logs"}


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path, store=MemoryObjectStore(home="penstock"))


async def test_an_operator_maps_lists_and_unmaps(house: House) -> None:
    mapped = await house.ask("PUT", f"{LOGS}/location", PLACE)
    listed = await house.ask("GET", "/penstock/v1/mapped-buckets")
    shown = await house.ask("GET", LOGS)
    unmapped = await house.ask("DELETE", f"{LOGS}/location")

    assert (mapped.status_code, mapped.json()["location"], mapped.json()["authorised"]) == (
        200,
        "acme-data/logs",
        False,
    )
    assert [(one["project_id"], one["name"]) for one in listed.json()["buckets"]] == [(MINE, "logs")]
    assert shown.json() == mapped.json()
    assert (unmapped.status_code, (await house.ask("GET", LOGS)).status_code) == (204, 404)


async def test_nobody_else_maps_and_a_token_is_not_enough(house: House) -> None:
    theirs = f"/penstock/v1/projects/{THEIRS}/buckets/logs/location"
    body = b'{"location":"acme-data"}'
    as_user = await house.ask("PUT", theirs, body, house.signed("PUT", theirs, body, "AK2"))
    token = (await house.ask("POST", "/penstock/v1/tokens")).json()["token"]
    by_token = await house.ask("PUT", theirs, body, {"X-Auth-Token": token})

    assert (as_user.status_code, by_token.status_code) == (403, 401)
    assert (await house.ask("GET", "/penstock/v1/mapped-buckets")).json() == {"buckets": []}


async def test_a_project_is_told_whom_to_ask(house: House) -> None:
    english = await house.ask("PUT", LOGS)
    chinese = await house.ask("PUT", LOGS, b"", house.signed("PUT", LOGS, X_Language="zh-cn"))

    assert english.status_code == 403
    assert "an operator of this service has to map logs" in english.json()["detail"]
    assert "运维人员" in chinese.json()["detail"]


async def test_what_may_not_be_is_told_in_words(house: House) -> None:
    await house.ask("PUT", f"{LOGS}/location", PLACE)
    other = f"/penstock/v1/projects/{MINE}/buckets/other/location"

    taken = await house.ask("PUT", other, {"location": "acme-data"})
    own = await house.ask("PUT", other, {"location": "penstock/packages"})
    wrong = await house.ask("PUT", other, {"location": "No"})

    assert (taken.status_code, own.status_code, wrong.status_code) == (409, 409, 400)
    assert "acme-data and acme-data/logs overlap" in taken.json()["detail"]
    assert "is the service's own" in own.json()["detail"]
    assert "Write BUCKET or BUCKET/PREFIX" in wrong.json()["detail"]
