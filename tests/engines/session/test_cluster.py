"""What a place says of itself is what its cluster said last."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from penstock.domain.footprint import Room
from penstock.domain.run import InstallationId
from penstock.engines.session.cluster import Cluster
from penstock.flink.rest import FlinkRest, Manners

pytestmark = pytest.mark.anyio

OURS = InstallationId("0a0b0c0d")
FOREIGN, MINE = "f" * 32, f"{OURS}{'1' * 24}"


def a_job(id: str, state: str = "RUNNING", changed: int = 1) -> dict[str, Any]:
    return {"jid": id, "state": state, "tasks": {"total": 1, "running": 1}, "last-modification": changed}


class Flink:
    """A cluster of 8 slots, 4 of them free, as its REST tells it."""

    def __init__(self) -> None:
        self.version = "1.20.5"
        self.java = "JVM - Somebody - 21/21.0.8+9"
        self.jobs: list[dict[str, Any]] = []
        self.parallelism: Mapping[str, int] = {}
        self.trouble: httpx.Response | None = None
        self.asked: list[str] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if self.trouble is not None:
            return self.trouble
        if path == "/overview":
            slots = {"slots-total": 8, "slots-available": 4}
            return httpx.Response(200, json={"taskmanagers": 2, "flink-version": self.version, **slots})
        if path == "/jobs/overview":
            return httpx.Response(200, json={"jobs": self.jobs})
        if path == "/jobmanager/environment":
            return httpx.Response(200, json={"jvm": {"version": self.java}})
        vertex = {"slotSharingGroupId": "g", "parallelism": self.parallelism.get(path.rpartition("/")[2], 1)}
        return httpx.Response(200, json={"vertices": [vertex]})


@pytest.fixture
def flink() -> Flink:
    return Flink()


@pytest.fixture
def cluster(flink: Flink) -> Cluster:
    cluster = Cluster("http://flink", Manners(), OURS)
    cluster._rest = FlinkRest("http://flink", transport=httpx.MockTransport(flink.handle))
    return cluster


async def test_before_it_was_asked_it_has_no_room_and_is_not_ready(cluster: Cluster) -> None:
    assert (cluster.room(), cluster.health().ready, cluster.flink, cluster.java) == (Room(slots=0), False, "1.20", 17)


@pytest.mark.parametrize(("version", "line"), [("1.20.5", "1.20"), ("1.19.2", "1.19"), ("2.1.0-SNAPSHOT", "2.1")])
async def test_its_flink_is_the_one_that_it_reports(cluster: Cluster, flink: Flink, version: str, line: str) -> None:
    flink.version = version

    await cluster.look()

    assert (cluster.flink, cluster.java, cluster.room()) == (line, 21, Room(slots=8))


async def test_another_version_is_noticed_when_it_comes(cluster: Cluster, flink: Flink) -> None:
    await cluster.look()
    flink.version, flink.java = "2.0.1", "JVM - Somebody - 17/17.0.9"

    await cluster.look()

    assert (cluster.flink, cluster.java) == ("2.0", 17)
    assert flink.asked.count("/jobmanager/environment") == 2


async def test_what_does_not_say_which_flink_it_is_is_not_taken_for_one(cluster: Cluster, flink: Flink) -> None:
    flink.version = "<unknown>"

    await cluster.look()

    assert not cluster.health().ready
    assert "does not say which Flink it is" in cluster.health().said


async def test_jobs_of_others_take_their_slots_and_ours_do_not_count_twice(cluster: Cluster, flink: Flink) -> None:
    flink.jobs = [a_job(FOREIGN), a_job("e" * 32, "CANCELED"), a_job(MINE)]
    flink.parallelism = {FOREIGN: 3, MINE: 1}

    await cluster.look()

    assert (cluster.room(), cluster.health().facts["foreign_slots"]) == (Room(slots=5), 3.0)


async def test_others_that_wait_for_slots_take_no_more_than_are_taken(cluster: Cluster, flink: Flink) -> None:
    flink.jobs, flink.parallelism = [a_job(FOREIGN)], {FOREIGN: 100}

    await cluster.look()

    assert cluster.room() == Room(slots=4)


async def test_a_job_of_others_is_looked_into_again_only_when_it_changed(cluster: Cluster, flink: Flink) -> None:
    flink.jobs = [a_job(FOREIGN)]
    await cluster.look()
    await cluster.look()
    before = flink.asked.count(f"/jobs/{FOREIGN}")

    flink.jobs = [a_job(FOREIGN, changed=2)]
    await cluster.look()

    assert (before, flink.asked.count(f"/jobs/{FOREIGN}")) == (1, 2)


async def test_a_silent_cluster_has_no_room_until_it_answers(cluster: Cluster, flink: Flink) -> None:
    await cluster.look()
    flink.trouble = httpx.Response(503, json={"errors": ["Service temporarily unavailable due to leader election."]})

    await cluster.look()
    silent = (cluster.room(), cluster.health())
    flink.trouble = None
    await cluster.look()

    assert silent[0] == Room(slots=0)
    assert (silent[1].ready, silent[1].facts) == (False, {})
    assert "Flink answered 503: Service temporarily unavailable" in silent[1].said
    assert (cluster.room(), cluster.health().ready) == (Room(slots=8), True)


async def test_what_nobody_looks_at_any_more_is_not_ready(cluster: Cluster) -> None:
    await cluster.look()

    await cluster.close()

    assert (cluster.room(), cluster.health().ready) == (Room(slots=0), False)
