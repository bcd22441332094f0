"""Logs reach the bucket byte for byte as Flink wrote them, though the service is killed on the way."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from e2e.service import Service, a_job, wait_for
from penstock.domain.log import piece_of

pytestmark = pytest.mark.flink

BUCKETS = "/penstock/v1/projects/{project}/buckets"
LOGGED = {"log_enabled": True, "obs_bucket": "myLogs"}


@pytest.fixture(autouse=True)
def bucket(service: Service) -> str:
    service.make_bucket("myLogs")
    return "myLogs"


def keys(service: Service, job: int) -> list[str]:
    query = {"prefix": f"jobs/logs/{job}_", "limit": 1000}
    found = service.answered("GET", f"{BUCKETS}/myLogs/objects", query=query)
    return [each["key"] for each in found["objects"]]


def content(service: Service, key: str) -> bytes:
    answer = service.ask("GET", f"{BUCKETS}/myLogs/objects/{quote(key)}")
    assert answer.status_code == 200
    return answer.content


def streams(service: Service, job: int) -> dict[str, bytes]:
    """What lies in the bucket, by stream; the pieces must join."""
    whole: dict[str, bytes] = {}
    for key in keys(service, job):
        if piece := piece_of(key.rpartition("/")[2]):
            assert piece.at == len(whole.get(piece.stream, b""))
            whole[piece.stream] = whole.get(piece.stream, b"") + content(service, key)
    return whole


@contextmanager
def witnessed(pair: Path) -> Iterator[dict[str, int]]:
    """The log files of the pair, held open: what is written to them can be read here when they are long deleted."""
    opened = {path.name: os.open(path, os.O_RDONLY) for path in (pair / "logs").iterdir()}
    try:
        yield opened
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


def written(witnesses: dict[str, int]) -> dict[str, bytes]:
    """By the names of the streams; an empty file is no object."""
    found = {name: os.pread(descriptor, 2**30, 0) for name, descriptor in witnesses.items()}
    return {name.removesuffix(".log"): data for name, data in found.items() if data}


def pair_of(service: Service, job: int) -> Path:
    pair = service.pairs.pair_of(service.run_of(job))
    assert pair is not None
    return pair


@pytest.mark.core
@pytest.mark.needs("logs")
def test_logs_are_whole_though_the_service_is_killed_while_it_ships(service: Service) -> None:
    job = service.create(a_job("logged", arguments="--rate 10", **LOGGED))
    service.until_running(job)
    wait_for(lambda: {"jobmanager", "taskmanager-1"} <= streams(service, job).keys(), "the first logs are there")
    run = service.run_of(job)

    with witnessed(pair_of(service, job)) as witnesses:
        service.kill()
        service.start()
        service.stop_job(job)
        service.kill()
        service.start()
        service.until_nothing_is_left_of(run)

        assert streams(service, job) == written(witnesses)
    assert {key.rpartition("/")[0] for key in keys(service, job)} == {f"jobs/logs/{job}_logged/application_{run}"}
    assert "logs_lost" not in service.history(job)


@pytest.mark.needs("logs")
def test_a_job_that_is_deleted_while_it_runs_leaves_its_logs_whole(service: Service) -> None:
    job = service.create(a_job("deleted", arguments="--rate 10", **LOGGED))
    service.until_running(job)
    run, pair = service.run_of(job), pair_of(service, job)

    with witnessed(pair) as witnesses:
        service.delete(job)
        service.until_nothing_is_left_of(run)

        assert streams(service, job) == written(witnesses)


@pytest.mark.needs("logs")
def test_a_failed_submission_leaves_its_reason_and_the_log_of_its_main(service: Service) -> None:
    job = service.create(a_job("refused", "MainThrows", **LOGGED))

    run = service.until(job, "job_submit_fail")["run"]["id"]
    service.until_nothing_is_left_of(run)

    folder = f"jobs/logs/{job}_refused/submit-client/{run}"
    assert {key.rpartition("/")[0] for key in keys(service, job)} == {folder}
    assert b"main refused on purpose" in content(service, f"{folder}/submit.log")
    assert b"main refused on purpose" in streams(service, job)["jobmanager"]


@pytest.mark.needs("logs")
def test_a_job_without_a_bucket_of_its_own_is_refused(service: Service) -> None:
    path = "/v1.0/{project}/streaming/flink-jobs"
    answer = service.ask("POST", path, a_job("nowhere") | LOGGED | {"obs_bucket": "theirs"}, language="zh-cn")

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error_code": "DLI.11016",
            "error_msg": "作业请求中传入的的obs_bucket是未授权给数据湖探索服务的OBS桶请授权该OBS桶给数据湖探索服务",
        },
    )


@pytest.mark.needs("logs")
@pytest.mark.needs("folders")
def test_a_job_runs_on_when_its_bucket_is_deleted(service: Service) -> None:
    service.make_bucket("brief")
    job = service.create(a_job("homeless", arguments="--rate 10", log_enabled=True, obs_bucket="brief"))
    service.until_running(job)

    wait_for(lambda: _emptied(service), "the bucket can be deleted")
    wait_for(lambda: "logs_stuck" in service.history(job), "the history says so")

    assert service.explain(job)["state"] == "running"
    run = service.run_of(job)
    service.stop_job(job)
    service.until_nothing_is_left_of(run)
    assert "logs_lost" in service.history(job)


def _emptied(service: Service) -> bool:
    found: list[dict[str, Any]] = service.answered("GET", f"{BUCKETS}/brief/objects")["objects"]
    for each in found:
        service.ask("DELETE", f"{BUCKETS}/brief/objects/{quote(each['key'])}")
    return service.ask("DELETE", f"{BUCKETS}/brief").status_code == 204
