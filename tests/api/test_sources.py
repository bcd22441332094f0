"""DLI's calls that make packages of objects."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.house import MINE, House, a_house
from penstock.domain.bucket import Bucket
from penstock.domain.caller import ProjectId
from penstock.ports.records import Tx
from penstock.testing.clock import NOON
from penstock.testing.object_store import MemoryObjectStore

pytestmark = pytest.mark.anyio

RESOURCES = f"/v2.0/{MINE}/resources"


@pytest.fixture
async def house(tmp_path: Path) -> House:
    store = MemoryObjectStore()
    built = await a_house(tmp_path, store=store)

    def add(tx: Tx) -> Bucket:
        return tx.buckets.add(Bucket(project_id=ProjectId(MINE), name="Code", created_at=NOON))

    bucket = await built.desk.records.change(add)
    for key in ("a.jar", "lib/b.jar"):
        await store.put(bucket.stored(key), key.encode())
    return built


async def ask(house: House, body: dict[str, Any], path: str = "") -> tuple[int, Any]:
    sent = json.dumps(body).encode()
    headers = house.signed("POST", RESOURCES + path, sent, Content_Type="application/json", X_Language="en-us")
    answer = await house.ask("POST", RESOURCES + path, sent, headers)
    return answer.status_code, answer.json()


async def test_a_group_is_made_and_answered_as_dli_does(house: House) -> None:
    body = {"paths": ["obs://Code/a.jar", "s3://Code/lib/b.jar"], "kind": "jar", "group": "g", "is_async": "true"}

    status, made = await ask(house, body)
    listed = (await house.ask("GET", RESOURCES)).json()["groups"]

    assert (status, made["group_name"], made["status"], made["resources"]) == (201, "g", "READY", ["a.jar", "b.jar"])
    assert [detail["resource_type"] for detail in made["details"]] == ["jar", "jar"]
    assert listed == [made]


async def test_packages_of_no_group_are_named_twice(house: House) -> None:
    status, made = await ask(house, {"paths": "obs://Code/a.jar", "kind": "file"})

    assert (status, made["resource_names"], made["resources"], made["status"]) == (201, ["a.jar"], ["a.jar"], "READY")
    assert made["details"][0]["resource_type"] == "file"


@pytest.mark.parametrize(("path", "kind"), [("/jars", "jar"), ("/pyfiles", "pyFile"), ("/files", "file")])
async def test_a_route_names_the_kind(house: House, path: str, kind: str) -> None:
    status, made = await ask(house, {"paths": ["obs://Code/a.jar"], "group": "g"}, path)

    assert (status, made["details"][0]["resource_type"]) == (201, kind)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "jar"}, "DLI.0001"),
        ({"paths": [], "kind": "jar"}, "DLI.0001"),
        ({"paths": ["obs://Code/a.jar"]}, "DLI.0001"),
        ({"paths": ["obs://Code/a.jar"], "kind": "odd"}, "DLI.0001"),
        ({"paths": 1, "kind": "jar"}, "DLI.0001"),
        ({"paths": ["https://Code.obs.cn-north-4.example/a.jar"], "kind": "jar"}, "DLI.0001"),
        ({"paths": ["obs://Code/../a.jar"], "kind": "jar"}, "DLI.0001"),
        ({"paths": ["obs://Code/nothing.jar"], "kind": "jar"}, "DLI.0002"),
        ({"paths": ["obs://code/a.jar"], "kind": "jar"}, "DLI.0002"),
        ({"paths": ["obs://Code/a.jar"], "kind": "jar", "group": "a/b"}, "DLI.0001"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_made(house: House, body: dict[str, Any], code: str) -> None:
    status, answer = await ask(house, body)

    assert (status, answer["error_code"]) == (400, code)
    assert (await house.ask("GET", RESOURCES)).json()["total"] == 0
