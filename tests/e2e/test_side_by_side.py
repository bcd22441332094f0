"""Two services over one PostgreSQL, one store and one cluster: killed, paused and cut off in turn, no job is lost or
doubled, and what lives with one of them stays with it."""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.places import SessionJobs
from e2e.scenery import Scenery, as_toml
from e2e.service import TEST_JOBS, Service, a_job, wait_for
from e2e.shared_cluster import SharedCluster
from postgresql import PostgresqlServer
from s3_servers import moto
from severable import Severable

pytestmark = pytest.mark.flink

_QUEUE = "everywhere"


class SharedScenery(Scenery):
    """One database, one bucket and one cluster for two services, and a local place for each."""

    def __init__(self, cluster: SharedCluster, store: dict[str, object], database: str) -> None:
        super().__init__()
        self.cluster = cluster
        self._shared = {"store": store, "database": {"url": database}}

    def furnish(self, state: Path, settings: str) -> str:
        own = state.parent.name
        places = {
            "main": {"engine": "session", "address": self.cluster.address},
            own: {"engine": "local", "pool_size": 0, "cu_memory": "512m"},
        }
        return as_toml({"default_place": "main", "api": {"create_wait": 0}, "places": places, **self._shared})


class Duo:
    """The services `a` and `b`; the way from `b` to the database can be cut."""

    def __init__(
        self, folder: Path, cluster: SharedCluster, store: dict[str, object], server: PostgresqlServer
    ) -> None:
        url = server.new_database()
        self.way = Severable(server.port)
        self.cluster = cluster
        self.a = Service(folder / "a", "", SharedScenery(cluster, store, url))
        self.b = Service(folder / "b", "", SharedScenery(cluster, store, _through(self.way.port, url)))
        self.a.start()
        self._join()
        self.b.start()

    def _join(self) -> None:
        for name in ("vault.key", "profile.json"):
            shutil.copy(self.a.state / name, self.b.state / name)

    def both(self) -> tuple[Service, Service]:
        return self.a, self.b

    def live(self) -> set[str]:
        """Flink's ids of the jobs that run on the cluster now."""
        return self.cluster.live_jobs()

    def is_ready(self, service: Service, name: str) -> bool:
        """How one of them sees a place, whoever looks after it."""
        places = service.answered("GET", "/penstock/v1/places")["places"]
        return next(bool(place["ready"]) for place in places if place["name"] == name)

    def end(self) -> None:
        self.way.mend()
        for service in self.both():
            if service._process is None:
                service.start()
        self.a.delete_all()
        self.a.until_no_runs()
        wait_for(lambda: not self.a.pairs.held() and not self.b.pairs.held(), "no pair has a run")
        for service in self.both():
            assert service.stop() == 0
            assert service.pairs.left() == []
        self.way.end()


@pytest.fixture(scope="module")
def duo(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgresqlServer) -> Iterator[Duo]:
    folder = tmp_path_factory.mktemp("duo")
    cluster = SharedCluster(folder / "cluster")
    try:
        with moto() as s3:
            secret = folder / "s3.secret"
            secret.touch(0o600)
            secret.write_text(s3.secret_key)
            store = {
                "plugin": "s3",
                "endpoint": s3.endpoint,
                "allow_http": True,
                "bucket": s3.new_bucket(),
                "access_key": s3.access_key,
                "secret_key_file": str(secret),
            }
            duo = Duo(folder, cluster, store, postgresql)
            try:
                assert duo.a.upload(TEST_JOBS).status_code == 201
                duo.a.make_queue(_QUEUE)
                yield duo
            finally:
                try:
                    duo.end()
                finally:
                    _clear_away(duo)
    finally:
        cluster.end()


def test_jobs_asked_of_either_run_once_and_both_tell_the_same(duo: Duo) -> None:
    jobs = [
        service.create(_a_job(f"{name}-{number}"))
        for number in range(3)
        for name, service in (("a", duo.a), ("b", duo.b))
    ]

    for job in jobs:
        duo.b.until_running(job)

    assert len(duo.live()) == len(jobs)
    for job in jobs:
        assert duo.a.explain(job)["run"] == duo.b.explain(job)["run"]
        assert duo.a.history(job).count("admitted") == 1
    duo.b.delete(*jobs)
    duo.a.until_no_runs()


def test_when_one_is_killed_the_other_goes_on_with_its_jobs(duo: Duo) -> None:
    holder, other = _by_turn(duo)
    running = [holder.create(_a_job(f"before-{number}")) for number in range(2)]
    before = [holder.until_running(job)["run"] for job in running]
    waiting = holder.create(_a_job("in-between"))

    holder.kill()
    after = [other.until_running(job) for job in [*running, waiting]]
    stopped = other.stop_job(running[0])

    assert [found["run"] for found in after[:2]] == before
    assert [found["restart_times"] for found in after] == [0, 0, 0]
    assert stopped["status"] == "job_cancel_success"
    assert other.history(waiting).count("admitted") == 1
    holder.start()
    assert holder.explain(running[1])["run"] == before[1]
    holder.delete(*running, waiting)
    holder.until_no_runs()


def test_one_that_is_paused_for_longer_than_its_lease_neither_loses_nor_doubles_a_job(duo: Duo) -> None:
    holder, other = _by_turn(duo)
    running = holder.create(_a_job("before-the-pause"))
    before = holder.until_running(running)["run"]
    caught = holder.create(_a_job("caught-by-the-pause"))
    os.kill(holder.pid, signal.SIGSTOP)
    try:
        meanwhile = other.create(_a_job("during-the-pause"))
        for job in (caught, meanwhile):
            other.until_running(job)
        stopped = other.stop_job(running)
    finally:
        os.kill(holder.pid, signal.SIGCONT)
    time.sleep(3)  # whatever the paused one still meant to do, it may try now

    wait_for(lambda: len(duo.live()) == 2, "no job is there twice", duo.live)
    assert stopped["run"]["id"] == before["id"]
    for job in (caught, meanwhile):
        assert holder.explain(job)["run"] == other.explain(job)["run"]
        assert other.history(job).count("admitted") == 1
    other.delete(running, caught, meanwhile)
    other.until_no_runs()


def test_one_that_is_cut_off_from_the_records_says_so_and_leaves_its_jobs_to_the_other(duo: Duo) -> None:
    running = duo.b.create(_a_job("before-the-cut"))
    before = duo.b.until_running(running)["run"]

    duo.way.cut()
    try:
        meanwhile = duo.a.create(_a_job("during-the-cut"))
        duo.a.until_running(meanwhile)
        told = wait_for(lambda: _trouble(duo.b), "the one that is cut off says so")
    finally:
        duo.way.mend()

    assert told == 503
    wait_for(lambda: duo.b.ask("GET", "/readyz").is_success, "it answers again")
    assert duo.b.explain(running)["run"] == duo.a.explain(running)["run"] == before
    assert len(duo.live()) == 2
    duo.b.delete(running, meanwhile)
    duo.a.until_no_runs()


def test_what_lives_with_one_of_them_stays_with_it(duo: Duo) -> None:
    asked = {"queue_name": "at_a", "queue_type": "general", "resource_mode": 1, "cu_count": 8, "place": "a"}
    duo.a.answered("POST", "/v1.0/{project}/queues", asked)
    running = duo.b.create(_a_job("at-home", queue_name="at_a"))
    before, alive = duo.b.until_running(running)["run"], duo.a.pairs.alive()

    duo.a.kill()
    wait_for(lambda: not duo.is_ready(duo.b, "a"), "the others have noticed")
    waiting = duo.b.create(_a_job("waits-for-home", queue_name="at_a"))
    wait_for(lambda: "waits_for_controller" in str(duo.b.explain(waiting)), "it waits for its controller")

    assert duo.b.explain(running)["status"] == "job_running"
    assert duo.a.pairs.alive() == alive
    duo.a.start()
    duo.b.until_running(waiting)
    found = duo.b.explain(running)
    assert (found["status"], found["run"], found["restart_times"]) == ("job_running", before, 0)
    duo.b.delete(running, waiting)


def test_a_service_that_does_not_belong_is_refused_in_a_sentence(duo: Duo, tmp_path: Path) -> None:
    stranger = Service(tmp_path / "c", "", duo.a.scenery)
    with pytest.raises(AssertionError, match=r"exit code 78.*is not the key that the database was sealed with"):
        stranger.start()
    shutil.copy(duo.a.state / "vault.key", stranger.state / "vault.key")
    settings = stranger.state / "penstock.toml"
    settings.write_text(
        settings.read_text().replace("[places.c]", "[places.a]").replace('["places"."c"]', '["places"."a"]')
    )

    with pytest.raises(AssertionError, match=r"exit code 78.*'a' belongs to the service of another state directory"):
        stranger.start()


def _a_job(name: str, **fields: object) -> dict[str, object]:
    return a_job(name, **{"queue_name": _QUEUE} | fields)


def _by_turn(duo: Duo) -> tuple[Service, Service]:
    """The one that holds the lease of the cluster, then the other."""
    taken = {service: _last_taken(service) for service in duo.both()}
    holder = max(taken, key=lambda service: taken[service])
    return holder, next(service for service in duo.both() if service is not holder)


def _last_taken(service: Service) -> int:
    found = re.findall(r'"lease": "place:main", "epoch": (\d+), "event": "lease taken"', service.log.read_text())
    return max(map(int, found), default=0)


def _trouble(service: Service) -> int | None:
    try:
        answer = service.ask("GET", "/v1.0/{project}/streaming/jobs")
    except httpx.HTTPError:
        return None
    return answer.status_code if answer.is_server_error else None


def _through(port: int, url: str) -> str:
    return re.sub(r":\d+/", f":{port}/", url)


def _clear_away(duo: Duo) -> None:
    """For tests that broke half-way."""
    for service in duo.both():
        if service._process is not None:
            os.kill(service.pid, signal.SIGCONT)
            service.kill()
        service.pairs.clear_away()
    SessionJobs(duo.cluster).clear_away()
    duo.way.end()
