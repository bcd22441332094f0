"""What breaks begins again as its caller asked: in place, from the newest checkpoint, from nothing, or not at all."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.scenery import Scenery
from e2e.service import SMALL, Service, a_job, a_service, wait_for

pytestmark = pytest.mark.flink

RESTARTS: dict[str, Any] = {"restart_when_exception": True}


@pytest.fixture(scope="module")
def service(scenery: Scenery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("restarts"), SMALL, scenery) as service:
        yield service


@pytest.fixture(autouse=True)
def nothing_else_runs(service: Service) -> Iterator[None]:
    yield
    service.tidy()


def counts(report: Path) -> list[int]:
    """What each start of the counting job found: the counts that its state had."""
    return [int(line.split()[-1]) for line in report.read_text().splitlines()] if report.exists() else []


def a_counting_job(report: Path, **fields: object) -> dict[str, object]:
    return a_job("counts", "Counter", f"--report {report} --rate 200 --checkpoint-ms 200", **RESTARTS, **fields)


def until_it_has_checkpoints(service: Service, job: int) -> None:
    folder = service.state / "jobs" / str(job) / "state" / "checkpoints"
    wait_for(lambda: len(list(folder.glob("*/chk-*/_metadata"))) >= 3, "it has checkpoints")


def lose_the_run(service: Service, job: int) -> str:
    """The machine's end, as the job sees it; the run that was lost."""
    run = service.run_of(job)
    service.place.lose(run)
    return run


def until_it_runs_again(service: Service, job: int, lost: str) -> dict[str, object]:
    def again() -> dict[str, object] | None:
        found = service.explain(job)
        return found if found["status"] == "job_running" and found["run"]["id"] != lost else None

    return wait_for(again, f"job {job} runs again", lambda: service.explain(job))


@pytest.mark.core
def test_a_lost_job_goes_on_from_its_newest_checkpoint(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "report"
    job = service.create(a_counting_job(report, resume_checkpoint=True))
    service.until_running(job)
    until_it_has_checkpoints(service, job)

    lost = lose_the_run(service, job)
    found = until_it_runs_again(service, job, lost)

    wait_for(lambda: len(counts(report)) == 2, "it says what it restored")
    assert counts(report)[0] == 0 < counts(report)[1]
    assert found["restart_times"] == 1
    assert service.history(job)[-5:] == ["broke", "run_cleared", "restart_due", "admitted", "seen_running"]


def test_a_lost_job_that_shall_not_resume_begins_from_nothing(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "report"
    job = service.create(a_counting_job(report))
    service.until_running(job)
    until_it_has_checkpoints(service, job)

    until_it_runs_again(service, job, lose_the_run(service, job))

    wait_for(lambda: len(counts(report)) == 2, "it says what it restored")
    assert counts(report) == [0, 0]


def test_a_job_whose_state_cannot_be_read_never_begins_empty(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "report"
    job = service.create(a_counting_job(report, resume_checkpoint=True))
    service.until_running(job)
    until_it_has_checkpoints(service, job)
    run = service.run_of(job)

    service.place.freeze(run)  # no further checkpoint
    for metadata in (service.state / "jobs" / str(job)).glob("state/checkpoints/*/chk-*/_metadata"):
        metadata.write_bytes(b"damaged")
    service.place.lose(run)
    found = service.until(job, "job_running_exception")

    assert found["reason"]["code"] == "state_unreadable"
    assert counts(report) == [0]


def test_flink_restarts_in_place_as_often_as_the_caller_allows(service: Service) -> None:
    job = service.create(a_job("fails", "FailsAfter", "--records 200 --rate 100", **RESTARTS, resume_max_num=1))

    found = service.until(job, "job_running_exception")

    assert "the job failed on purpose" in found["status_desc"]
    assert found["restart_times"] == 1
    assert "flink_restarted" in service.history(job)
    assert "restart_due" not in service.history(job)


@pytest.mark.needs("pairs")
def test_a_lost_taskmanager_is_replaced_and_the_job_goes_on(service: Service) -> None:
    job = service.create(a_job("loses-a-worker", **RESTARTS))
    service.until_running(job)
    before = service.run_of(job)

    (worker,) = service.pairs.pids(before, "taskmanager")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: service.explain(job)["restart_times"] == 1, "Flink restarted it", lambda: service.explain(job))
    found = service.until_running(job)

    assert found["run"]["id"] == before
    wait_for(lambda: service.pairs.pids(before, "taskmanager") - {worker}, "there is a new TaskManager")
