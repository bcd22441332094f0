"""A whole service on a session cluster, on a network of machines: too few slots, cut cables, a cluster that comes anew."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from clusters import MANAGER, Plan, SessionCluster
from e2e.service import Service, a_job, a_service, wait_for
from networks import Network, a_network, lack

_LACK = lack()
pytestmark = [pytest.mark.flink, pytest.mark.skipif(bool(_LACK), reason=_LACK or "-")]

WORKERS = tuple(f"taskmanager-{number}" for number in range(1, 6))
OURS = "ours"
SLOTS = 2
SETTINGS = """
default_place = "main"
[api]
create_wait = 0
[places.here]
pool_size = 0
cu_memory = "512m"
[places.main]
engine = "session"
address = "{address}"
answer_limit = 1
"""
RESTARTS = {"restart_when_exception": True, "resume_checkpoint": True}


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with a_network(MANAGER, *WORKERS, OURS) as network, network.here(OURS):
        yield network


@pytest.fixture(scope="module")
def cluster(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionCluster]:
    cluster = SessionCluster(tmp_path_factory.mktemp("cluster"), Plan(network=network, task_managers=SLOTS, slots=1))
    try:
        asyncio.run(cluster.start())
        yield cluster
    finally:
        asyncio.run(cluster.kill())


@pytest.fixture(scope="module")
def service(cluster: SessionCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("session"), SETTINGS.format(address=cluster.address)) as service:
        yield service


@pytest.fixture(autouse=True)
def the_cluster_is_free_again(service: Service) -> Iterator[None]:
    yield
    service.tidy()
    wait_for(lambda: place_of(service)["facts"].get("free_slots") == SLOTS, "every slot is free")


def place_of(service: Service) -> dict[str, Any]:
    places = service.answered("GET", "/penstock/v1/places")["places"]
    return dict(next(place for place in places if place["name"] == "main"))


def reason_of(service: Service, job: int) -> str:
    return str(service.explain(job)["reason"]["code"])


def until_reason(service: Service, job: int, code: str) -> None:
    wait_for(lambda: reason_of(service, job) == code, f"the reason is {code}", lambda: service.explain(job))


def test_a_job_without_slots_waits_with_a_reason_until_a_task_manager_joins(
    service: Service, cluster: SessionCluster
) -> None:
    first = service.create(a_job("first"))
    service.until_running(first)

    second = service.create(a_job("second", cu_number=3, parallel_number=2))
    until_reason(service, second, "waits_for_place")
    said = service.explain(second)["reason"]
    worker = cluster.start_worker()
    service.until_running(second)

    assert (said["params"]["free"], said["params"]["total"], said["params"]["asked"]) == (1, 2, 2)
    assert said["params"]["unit"] == "slots"
    service.delete(first, second)
    asyncio.run(cluster.kill(worker))
    wait_for(lambda: place_of(service)["room"]["slots"] == SLOTS, "its slots are gone")


def test_a_cut_cable_changes_nothing_of_a_job_but_its_reason(service: Service, network: Network) -> None:
    job = service.create(a_job("stays", **RESTARTS))
    before = service.until_running(job)
    until_reason(service, job, "runs")

    network.cut(OURS)
    until_reason(service, job, "silent")
    wait_for(lambda: not place_of(service)["ready"], "the place is not ready")
    cut = service.explain(job)
    waiting = service.create(a_job("waits"))
    until_reason(service, waiting, "waits_for_place")
    network.heal(OURS)
    until_reason(service, job, "runs")
    after = service.until_running(job)
    service.until_running(waiting)

    assert cut["status"] == "job_running"
    assert [found["run"]["id"] for found in (cut, after)] == [before["run"]["id"]] * 2
    assert service.history(job).count("seen_running") == 1
    assert "flink_restarted" not in service.history(job)


def test_a_service_killed_and_started_while_it_is_cut_off_finds_its_job_as_it_was(
    service: Service, network: Network
) -> None:
    job = service.create(a_job("outlives", **RESTARTS))
    before = service.until_running(job)

    network.cut(MANAGER)
    service.kill()
    try:
        service.start()
        until_reason(service, job, "silent")
    finally:
        network.heal(MANAGER)
    until_reason(service, job, "runs")

    assert service.explain(job)["run"]["id"] == before["run"]["id"]
    assert service.history(job).count("admitted") == 1


def test_a_cluster_that_comes_without_its_jobs_has_lost_them(service: Service, cluster: SessionCluster) -> None:
    report = service.state.parent / "counts"
    arguments = f"--report {report} --rate 200 --checkpoint-ms 200"
    again = service.create(a_job("again", "Counter", arguments, **RESTARTS))
    never = service.create(a_job("never"))
    lost = service.until_running(again)["run"]["id"]
    service.until_running(never)
    checkpoints = service.state / "jobs" / str(again) / "state" / "checkpoints"
    wait_for(lambda: len(list(checkpoints.glob("*/chk-*/_metadata"))) > 0, "it has a checkpoint")

    asyncio.run(cluster.kill())
    cluster.start_manager()
    for _ in range(SLOTS):
        cluster.start_worker()
    service.until(never, "job_running_exception")
    wait_for(
        lambda: (found := service.explain(again))["status"] == "job_running" and found["run"]["id"] != lost,
        "it runs again",
        lambda: service.explain(again),
    )

    assert "does not know the job any more" in str(service.explain(never)["reason"])
    wait_for(lambda: len(report.read_text().splitlines()) > 1, "its second start has reported")
    assert int(report.read_text().splitlines()[1].split()[-1]) > 0
