"""Jobs that are bad, and processes that die or hang: one clear reason each, and nothing left of the run."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.scenery import Scenery
from e2e.service import TEST_JOBS, Service, a_job, a_service, wait_for

pytestmark = pytest.mark.flink

IMPATIENT = """
[api]
create_wait = 0
[limits]
silence = 10
[places.here]
cu_memory = "512m"
pool_size = 0
main_limit = 10
"""
# What becomes of the job, and what its description has to say.
BAD = {
    "MainThrows": ("job_submit_fail", "main refused on purpose"),
    "MainNeverReturns": ("job_submit_fail", "did not return within 10 s"),
    "MainExits": ("job_submit_fail", "exit"),
    "MainStartsNoJob": ("job_submit_fail", "execute()"),
    "FailsAfter": ("job_running_exception", "the job failed on purpose"),
}


@pytest.fixture(scope="module")
def service(scenery: Scenery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("faults"), IMPATIENT, scenery) as service:
        yield service


@pytest.mark.core
def test_bad_jobs_end_with_their_own_reasons_and_leave_nothing(service: Service) -> None:
    asked = {main: a_job(main, main, "--records 300" if main == "FailsAfter" else "") for main in BAD}
    jobs = {main: service.create(job) for main, job in asked.items()}  # at once: none is in the way of another

    for main, (status, words) in BAD.items():
        found = service.until(jobs[main], status)
        assert words in found["status_desc"]
        service.until_nothing_is_left_of(found["run"]["id"])

    assert service.place.alive() == set()


def test_a_job_that_cannot_be_is_refused_with_every_fault_at_once(service: Service) -> None:
    job = a_job("x" * 58, queue_name="nowhere", dependency_jars=["a/not-there.jar"], dependency_files=["not-there.csv"])

    answer = service.ask("POST", "/v1.0/{project}/streaming/flink-jobs", job)

    assert answer.status_code == 400
    for word in ("57", "nowhere", "a/not-there.jar", "not-there.csv"):
        assert word in answer.json()["error_msg"]


def test_an_entrypoint_that_is_no_jar_is_refused(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "nozip.jar"
    file.write_bytes(TEST_JOBS.read_bytes()[:1000])
    uploaded = service.upload(file)

    answer = service.ask("POST", "/v1.0/{project}/streaming/flink-jobs", a_job("nozip", entrypoint="nozip.jar"))

    assert (uploaded.status_code, answer.status_code) in {(400, 400), (201, 400)}
    assert "nozip.jar" in answer.json()["error_msg"]


def test_a_class_that_is_not_there_is_refused_and_named(service: Service) -> None:
    answer = service.ask("POST", "/v1.0/{project}/streaming/flink-jobs", a_job("noclass", "NotThere"))

    assert answer.status_code == 400
    assert "io.penstock.testjobs.NotThere" in answer.json()["error_msg"]


@pytest.mark.core
@pytest.mark.parametrize("role", ["jobmanager", "taskmanager"])
def test_a_job_whose_process_is_killed_has_failed(service: Service, role: str) -> None:
    job = service.create(a_job(f"loses-its-{role}"))
    service.until_running(job)
    run, alive = service.run_of(job), service.alive_of(job)

    service.place.kill(run, role)
    found = service.until(job, "job_running_exception")

    assert found["status_desc"]
    wait_for(lambda: not alive & service.place.alive(), "nothing of it is alive")
    service.until_nothing_is_left_of(run)


@pytest.mark.needs("pairs")
def test_a_process_that_hangs_is_fenced_and_then_called_failed(service: Service) -> None:
    job = service.create(a_job("hangs"))
    service.until_running(job)
    (pid,) = service.pairs.pids(service.run_of(job), "jobmanager")

    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: service.explain(job)["reason"]["code"] == "silent", "its silence is the reason")
    assert service.explain(job)["status"] == "job_running"
    found = service.until(job, "job_running_exception")

    assert found["status_desc"]
    wait_for(lambda: pid not in service.pairs.jvms(), "it is gone")
    service.until_nothing_is_left_of(found["run"]["id"])


def test_a_job_that_is_being_launched_can_be_stopped_and_run_again(service: Service) -> None:
    job = service.create(a_job("stopped-early"))
    wait_for(lambda: service.explain(job)["state"] == "launching", "it is being launched")

    stopped = service.stop_job(job)
    service.answered("POST", "/v1.0/{project}/streaming/jobs/run", {"job_ids": [job]})
    again = service.until_running(job)

    assert again["run"]["id"] != stopped["run"]["id"]


def test_a_job_that_runs_can_be_deleted_and_its_name_is_free_at_once(service: Service) -> None:
    job = service.create(a_job("deleted"))
    service.until_running(job)
    alive = service.alive_of(job)

    service.delete(job)
    other = service.create(a_job("deleted"))

    assert other > job
    wait_for(lambda: not alive & service.place.alive(), "nothing of the deleted one is alive")
