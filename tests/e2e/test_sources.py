"""A job out of a bucket: put there from the command line, run by real Flink, its logs read back the same way."""

import subprocess
import sys

import pytest

from e2e.service import TEST_JOBS, Service, a_job, clean

pytestmark = pytest.mark.flink


def penstock(service: Service, *arguments: str) -> str:
    command = [sys.executable, "-m", "penstock", *arguments, "--state", str(service.state)]
    ended = subprocess.run(command, check=False, capture_output=True, env=clean(), timeout=90)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def test_a_job_runs_out_of_a_bucket_and_its_logs_are_read_back(service: Service) -> None:
    penstock(service, "bucket", "create", "Code", "--authorize")
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
