"""DLI's queue calls."""

import pytest

from api.wire import ENGLISH, QUEUES, Wire, golden, refusal
from usecases.house import House

pytestmark = pytest.mark.anyio

GENERAL = {"queue_name": "Mine", "cu_count": 32, "queue_type": "general", "resource_mode": 1, "labels": ["multi_az=2"]}


@pytest.fixture
async def wire(anyio_backend, tmp_path):
    house = House(tmp_path / "cache")
    return Wire(house, tmp_path / "uploads")


async def test_a_new_queue_is_answered_with_its_name(wire):
    answer = await wire.ask("POST", QUEUES, GENERAL | {"engine": "hetuEngine"})

    assert (answer.status_code, answer.json()) == (200, {"is_success": True, "message": "", "queue_name": "mine"})


async def test_a_list_is_as_in_the_documents(wire):
    await wire.ask("POST", QUEUES, GENERAL)

    answer = await wire.ask("GET", QUEUES, params={"queue_type": "general"})

    assert answer.json() == golden("queues")


async def test_a_list_shows_sql_queues_unless_told(wire):
    await wire.ask("POST", QUEUES, GENERAL)
    await wire.ask("POST", QUEUES, {"queue_name": "other", "cu_count": "16"})

    names = {}
    for kind in ("", "sql", "general", "all"):
        found = (await wire.ask("GET", QUEUES, params={"queue_type": kind} if kind else {})).json()["queues"]
        names[kind] = [queue["queue_name"] for queue in found]

    assert names == {"": ["other"], "sql": ["other"], "general": ["mine"], "all": ["mine", "other"]}


async def test_the_detail_has_four_keys_in_camel_case_and_their_plain_twins(wire):
    await wire.ask("POST", QUEUES, GENERAL)

    detail = (await wire.ask("GET", f"{QUEUES}/MINE")).json()

    assert (detail["queueName"], detail["queueType"], detail["cuCount"], detail["chargingMode"]) == (
        detail["queue_name"],
        detail["queue_type"],
        detail["cu_count"],
        detail["charging_mode"],
    )
    assert detail["is_success"] is True


async def test_a_deleted_queue_is_gone(wire):
    await wire.ask("POST", QUEUES, GENERAL)

    answer = await wire.ask("DELETE", f"{QUEUES}/mine")

    assert (answer.status_code, answer.json()) == (200, {"is_success": True, "message": ""})
    gone = await wire.ask("DELETE", f"{QUEUES}/mine", headers=ENGLISH)
    assert refusal(gone) == (400, "DLI.0008")
    assert gone.json()["error_msg"].startswith("There is no queue named mine")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"queue_name": None}, "DLI.0001"),
        ({"queue_name": ""}, "DLI.20009"),
        ({"queue_name": "123"}, "DLI.20011"),
        ({"queue_name": "a" * 129}, "DLI.20009"),
        ({"queue_name": "\ud800"}, "DLI.0001"),
        ({"description": "\x00"}, "DLI.0001"),
        ({"cu_count": None}, "DLI.0001"),
        ({"cu_count": 0}, "DLI.20012"),
        ({"cu_count": "many"}, "DLI.0001"),
        ({"queue_type": "other"}, "DLI.0001"),
        ({"description": "x" * 257}, "DLI.20010"),
        ({"resource_mode": 7}, "DLI.0001"),
        ({"charging_mode": 10**30}, "DLI.0001"),
        ({"platform": "x" * 200}, "DLI.0001"),
        ({"place": "nowhere"}, "DLI.0001"),
    ],
)
async def test_a_queue_with_a_fault_is_refused(wire, changes, code):
    assert refusal(await wire.ask("POST", QUEUES, GENERAL | changes)) == (400, code)


async def test_a_name_is_taken_whatever_its_case(wire):
    await wire.ask("POST", QUEUES, GENERAL)

    answer = await wire.ask("POST", QUEUES, GENERAL | {"queue_name": "MINE"}, headers=ENGLISH)

    assert refusal(answer) == (400, "DLI.0006")
    assert answer.json()["error_msg"].startswith("Queue mine already exists")


async def test_an_unknown_type_cannot_be_listed(wire):
    assert refusal(await wire.ask("GET", QUEUES, params={"queue_type": "odd"})) == (400, "DLI.0001")


async def test_a_body_that_is_no_json_has_the_code_of_queues(wire):
    assert refusal(await wire.ask("POST", QUEUES, content=b"{")) == (400, "DLI.20002")
