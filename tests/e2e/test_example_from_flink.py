"""Flink's own example, as its makers built it, as an entrypoint."""

import shutil
import subprocess
from pathlib import Path

import pytest

from e2e.service import QUEUE, Service, wait_for

pytestmark = [
    pytest.mark.flink,
    pytest.mark.maven,
    pytest.mark.skipif(shutil.which("mvn") is None, reason="there is no Maven here"),
]

ARTIFACT = "org.apache.flink:flink-examples-streaming:1.20.0"
MAIN = "org.apache.flink.streaming.examples.statemachine.StateMachineExample"
FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maven")
    command = ["mvn", "-q", "-B", FETCH, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
    fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    if fetched.returncode:
        pytest.skip(f"Maven could not fetch {ARTIFACT}: {fetched.stdout.strip()[-300:]}")
    (jar,) = folder.glob("*.jar")
    return jar


def test_the_state_machine_example_runs_and_alerts(service: Service, examples: Path) -> None:
    assert service.upload(examples, "flink").status_code == 201
    asked = {
        "name": "StateMachineExample",
        "queue_name": QUEUE,
        "entrypoint": f"flink/{examples.name}",
        "main_class": MAIN,
        "entrypoint_args": "--error-rate 0.5 --sleep 1",
        "cu_number": 3,
        "manager_cu_number": 1,
        "parallel_number": 2,
    }

    job = service.create(asked)
    service.until_running(job)

    wait_for(lambda: _written(service, job) > 1000, "records flow")
    service.stop_job(job)


def _written(service: Service, job: int) -> int:
    graph = service.ask("GET", f"/v1.0/{{project}}/streaming/jobs/{job}/execute-graph")
    vertices = graph.json()["execute_graph"]["vertices"] if graph.is_success else []
    return sum(vertex["metrics"]["write-records"] for vertex in vertices)
