"""Probes, places and metrics."""

from pathlib import Path

import pytest

from api.house import MINE, House, a_house
from penstock.domain.lifecycle import State
from penstock.ports.records import Tx
from penstock.testing.builders import a_fact, a_job, a_new_job, stored

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


async def metrics(house: House) -> dict[str, float]:
    lines = (await house.ask("GET", "/metrics")).text.splitlines()
    samples = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in samples}


async def test_the_probes_answer_anybody(house: House) -> None:
    alive = await house.ask("GET", "/healthz", headers={})
    ready = await house.ask("GET", "/readyz", headers={})

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert ready.status_code == 200
    assert ready.json() == {"status": "ok", "checks": {"records": "ok", "store": "ok", "places": "1 of 1 ready"}}


async def test_a_service_without_a_place_that_is_ready_is_not(house: House) -> None:
    place = house.desk.places.engine("here")
    place.world.is_silent = True

    answer = await house.ask("GET", "/readyz", headers={})

    assert (answer.status_code, answer.json()["checks"]["places"]) == (503, "0 of 1 ready")


async def test_an_operator_sees_the_places(house: House) -> None:
    places = (await house.ask("GET", "/penstock/v1/places")).json()["places"]

    assert [(place["name"], place["ready"], place["room"]) for place in places] == [
        ("here", True, {"cus": None, "slots": None})
    ]


async def test_requests_are_counted_by_route_and_status_never_by_what_was_asked(house: House) -> None:
    for path in (f"/v2.0/{MINE}/resources/secret.jar", f"/v2.0/{MINE}/resources/other.jar", "/no/such/secret"):
        await house.ask("GET", path)
    await house.ask("SECRET", "/healthz")

    seen = await metrics(house)

    route = 'method="GET",route="/v2.0/{project_id}/resources/{resource_name}"'
    assert seen[f'penstock_http_requests_total{{{route},status="404"}}'] == 2
    assert seen[f"penstock_http_request_seconds_count{{{route}}}"] == 2
    assert seen['penstock_http_requests_total{method="GET",route="other",status="404"}'] == 1
    assert not [name for name in seen if "secret" in name.lower()]


async def test_jobs_are_counted_by_state_and_moves_by_what_happened(house: House) -> None:
    def add(tx: Tx) -> None:
        job = stored(tx, a_job(state=State.RUNNING))
        tx.jobs.add(a_new_job("second"))
        tx.history.add(a_fact(job, "seen_running"))

    await house.desk.records.change(add)

    seen = await metrics(house)
    assert seen['penstock_jobs{state="running"}'] == 1
    assert seen['penstock_jobs{state="draft"}'] == 1
    assert seen['penstock_jobs{state="failed"}'] == 0
    assert seen['penstock_job_facts_total{after="running",what="seen_running"}'] == 1


async def test_places_and_the_process_are_measured(house: House) -> None:
    seen = await metrics(house)

    assert seen['penstock_place_ready{place="here"}'] == 1
    assert seen["process_resident_memory_bytes"] > 0


async def test_two_apps_in_one_process_count_for_themselves(house: House, tmp_path: Path) -> None:
    other = await a_house(tmp_path / "other")
    await house.ask("GET", "/healthz")

    assert not [name for name in await metrics(other) if 'route="/healthz"' in name]


async def test_prometheus_may_ask_for_the_newer_format(house: House) -> None:
    headers = {**house.signed("GET", "/metrics"), "Accept": "application/openmetrics-text; version=1.0.0"}

    answer = await house.ask("GET", "/metrics", headers=headers)

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
