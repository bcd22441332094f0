"""A job out of a bucket: put there from the command line, run by real Flink, its logs read back the same way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.service import TEST_JOBS, Service, a_job, clean, wait_for

pytestmark = pytest.mark.flink


def penstock(service: Service, *arguments: str) -> str:
    command = [sys.executable, "-m", "penstock", *arguments, "--state", str(service.state)]
    ended = subprocess.run(command, check=False, capture_output=True, env=clean(), timeout=90)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def make_bucket(service: Service, name: str) -> None:
    """As people do it whose store has no buckets of its own, and as operators do it whose store has."""
    if service.scenery.s3 is None:
        penstock(service, "bucket", "create", name, "--authorize")
        return
    penstock(service, "bucket", "map", name, "--to", service.real_bucket(name))
    penstock(service, "bucket", "authorize", name)


@pytest.mark.needs("logs")
def test_a_job_runs_out_of_a_bucket_and_its_logs_are_read_back(service: Service) -> None:
    make_bucket(service, "Code")
    penstock(service, "bucket", "put", "Code", "lib/jobs 1.jar", str(TEST_JOBS))
    path = "obs://Code/lib/jobs 1.jar"
    asked = a_job("bucketed", arguments="--rate 10", entrypoint=path, log_enabled=True, obs_bucket="Code")

    job = service.create(asked)
    service.until_running(job)
    penstock(service, "bucket", "delete", "Code", "lib/jobs 1.jar")
    run = service.explain(job)["run"]
    service.stop_job(job)
    service.until_nothing_is_left_of(run["id"])
    shown = penstock(service, "job", "logs", "bucketed", "--follow")

    assert "==> jobmanager <==" in shown
    assert "==> taskmanager-1 <==" in shown
    assert run["flink_job_id"] in shown


@pytest.mark.core
def test_an_asynchronous_upload_goes_on_after_the_service_was_killed(service: Service, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        os.truncate(file.fileno(), 300 * 2**20)
    make_bucket(service, "Large")
    penstock(service, "bucket", "put", "Large", "big.bin", str(big))
    asked = {"paths": ["obs://Large/big.bin"], "kind": "file", "group": "late", "is_async": "true"}

    made = service.answered("POST", "/v2.0/{project}/resources", asked)
    service.kill()
    left = list((service.state / "cache").rglob("*.part"))
    service.start()

    def settled() -> bool:
        shown = service.answered("GET", "/v2.0/{project}/resources/big.bin", query={"group": "late"})
        return bool(shown["status"] == "READY")

    assert (made["status"], made["is_async"]) == ("UPLOADING", True)
    wait_for(settled, "the copy is there")
    listed = service.answered("GET", "/penstock/v1/projects/{project}/packages")["packages"]
    assert [package["size"] for package in listed if package["group"] == "late"] == [big.stat().st_size]
    assert [part for part in left if part.exists()] == []
