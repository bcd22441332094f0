"""The request itself, from nothing to a job that runs on real Flink, and back to nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.scenery import Scenery
from e2e.service import ROOT, Service, a_service, wait_for

pytestmark = pytest.mark.flink

EXAMPLE = ROOT / "src" / "penstock" / "cli" / "example"
AS_INSTALLED = """
[api]
create_wait = 60
[places.here]
cu_memory = "512m"
pool_size = 1
"""
JOBS = "/v1.0/{project}/streaming/jobs"


@pytest.fixture(scope="module")
def service(scenery: Scenery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With a pool, and with answers that wait for Flink."""
    with a_service(tmp_path_factory.mktemp("request"), AS_INSTALLED, scenery) as service:
        for name, group in (("javaQueueStream.jar", ""), ("test.jar", "myGroup"), ("test1.jar", "myGroup")):
            assert service.upload(EXAMPLE / name, group).status_code == 201
        for name in ("test.csv", "test1.csv"):
            assert service.upload(EXAMPLE / name, "myGroup").status_code == 201
        wait_for(service.place.is_warm, "a pair is warm")
        yield service


def request() -> dict[str, Any]:
    """Without bucket and topic, which a later edition knows."""
    asked = json.loads((EXAMPLE / "request.json").read_text())
    return {name: value for name, value in asked.items() if name not in {"log_enabled", "obs_bucket", "smn_topic"}}


@pytest.mark.core
def test_the_request_runs_its_job_and_leaves_nothing_behind(service: Service) -> None:
    answer = service.ask("POST", "/v1.0/{project}/streaming/flink-jobs", request(), language="zh-cn")

    assert answer.status_code == 200, answer.text
    job = answer.json()["job"]["job_id"]
    assert answer.json() == {
        "is_success": "true",
        "message": "新建flink作业成功",
        "job": {"job_id": job, "status_name": "running", "status_desc": "正在运行"},
    }

    alive = service.alive_of(job)
    wait_for(lambda: _written(service, job) > 100, "records flow")
    _shows_and_lists(service, job)

    assert service.stop_job(job)["state"] == "stopped"
    service.until_no_runs()
    assert len(alive) == service.place.each
    assert not alive & service.place.alive()

    service.delete(job)
    gone = service.ask("GET", f"{JOBS}/{job}")
    assert (gone.status_code, gone.json()["error_code"]) == (400, "DLI.16001")
    assert service.answered("GET", JOBS)["job_list"]["total_count"] == 0


def _written(service: Service, job: int) -> int:
    graph = service.ask("GET", f"{JOBS}/{job}/execute-graph")
    vertices = graph.json()["execute_graph"]["vertices"] if graph.is_success else []
    return sum(vertex["metrics"]["write-records"] for vertex in vertices)


def _shows_and_lists(service: Service, job: int) -> None:
    detail = service.answered("GET", f"{JOBS}/{job}")["job_detail"]
    listed = service.answered("GET", JOBS)["job_list"]

    assert detail["status"] == "job_running"
    assert detail["name"] == "test"
    assert detail["job_config"]["dependency_jars"] == ["myGroup/test.jar", "myGroup/test1.jar"]
    assert detail["job_config"]["real_cu_number"] == 2
    assert [found["job_id"] for found in listed["jobs"]] == [job]
