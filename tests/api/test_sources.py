"""DLI's calls that make packages of objects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.house import MINE, House, a_house
from penstock.domain.bucket import Bucket
from penstock.domain.caller import ProjectId
from penstock.domain.faults import FaultCode
from penstock.domain.package import Content, Package, PackageName
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
    body = {"paths": ["obs://Code/a.jar", "s3://Code/lib/b.jar"], "kind": "jar", "group": "g", "is_async": "false"}

    status, made = await ask(house, body)
    listed = (await house.ask("GET", RESOURCES)).json()["groups"]

    assert (status, made["group_name"], made["status"], made["resources"]) == (201, "g", "READY", ["a.jar", "b.jar"])
    assert [detail["resource_type"] for detail in made["details"]] == ["jar", "jar"]
    assert listed == [made]


@pytest.mark.parametrize("is_async", [True, "true"])
async def test_an_asynchronous_upload_is_answered_at_once(house: House, is_async: object) -> None:
    paths = ["obs://Code/a.jar", "s3://Code/lib/b.jar"]

    status, made = await ask(house, {"paths": paths, "kind": "jar", "group": "g", "is_async": is_async})
    listed = (await house.ask("GET", RESOURCES)).json()["groups"]
    shown = (await house.ask("GET", f"{RESOURCES}/a.jar?group=g")).json()

    assert (status, made["status"], made["is_async"]) == (201, "UPLOADING", True)
    assert [detail["status"] for detail in made["details"]] == ["UPLOADING", "UPLOADING"]
    assert listed == [made]
    assert shown == made["details"][0]
    assert (shown["underlying_name"], shown["is_async"]) == ("a.jar", True)


async def test_a_group_is_ready_once_all_of_it_is_and_failed_when_nothing_is_under_way(house: House) -> None:
    async def settle(name: str, change: Callable[[Package], Package]) -> str:
        def change_it(tx: Tx) -> None:
            found = tx.packages.find(ProjectId(MINE), PackageName("g", name))
            assert found is not None
            tx.packages.put(change(found))

        await house.desk.records.change(change_it)
        [group] = (await house.ask("GET", RESOURCES)).json()["groups"]
        return str(group["status"])

    await ask(house, {"paths": ["obs://Code/a.jar", "s3://Code/lib/b.jar"], "group": "g", "is_async": "true"}, "/jars")

    assert await settle("a.jar", lambda package: package.failed(FaultCode.PACKAGE_SOURCE_GONE)) == "UPLOADING"
    assert await settle("b.jar", lambda package: package.filled(Content("b" * 64, 1))) == "FAILED"
    assert await settle("a.jar", lambda package: package.filled(Content("a" * 64, 1))) == "READY"


async def test_a_failed_upload_says_why_in_our_own_list(house: House) -> None:
    await ask(house, {"paths": ["obs://Code/a.jar"], "kind": "jar", "is_async": "true"})

    def fail(tx: Tx) -> None:
        [package] = tx.packages.uploading()
        tx.packages.put(package.failed(FaultCode.PACKAGE_SOURCE_GONE))

    await house.desk.records.change(fail)
    [package] = (await house.ask("GET", f"/penstock/v1/projects/{MINE}/packages")).json()["packages"]

    assert (package["status"], package["sha256"]) == ("FAILED", "")
    assert "obs://Code/a.jar was gone before it was copied" in package["trouble"]


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
