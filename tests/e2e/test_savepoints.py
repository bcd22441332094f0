"""A job goes on from its savepoint: after a stop, from the copy in its bucket, in another job, and whoever died on the way."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from e2e.service import QUEUE, Service, a_job, wait_for

pytestmark = pytest.mark.flink

BUCKET = "mySavepoints"
JOBS = "/v1.0/{project}/streaming/jobs"


@pytest.fixture(autouse=True)
def bucket(service: Service) -> None:
    service.make_bucket(BUCKET)


def a_counting_job(name: str, report: Path, **fields: object) -> dict[str, object]:
    """Its state is a count, and each of its starts reports the one that it found."""
    arguments = f"--report {report} --rate 200 --checkpoint-ms 100"
    return a_job(name, "Counter", arguments, **{"obs_bucket": BUCKET, **fields})


def counts(report: Path) -> list[int]:
    """What each start found."""
    return [int(line) for line in report.read_text().splitlines()] if report.exists() else []


def until_it_has_counted(service: Service, job: int) -> None:
    service.until_running(job)
    folder = state_of(service, job) / "checkpoints"
    wait_for(lambda: len(list(folder.glob("*/chk-*/_metadata"))) >= 2, "it has a count in its state")


def until_it_reported(report: Path, starts: int) -> list[int]:
    wait_for(lambda: len(counts(report)) >= starts, "it reports what it found", lambda: counts(report))
    return counts(report)


def state_of(service: Service, job: int) -> Path:
    return service.state / "jobs" / str(job) / "state"


def at_its_place(service: Service, job: int) -> list[Path]:
    """The folders of its savepoints that are whole there."""
    return [metadata.parent for metadata in state_of(service, job).glob("savepoints/*/*/_metadata")]


def lose_what_is_at_its_place(service: Service, job: int) -> None:
    shutil.rmtree(state_of(service, job) / "savepoints")


def detail(service: Service, job: int) -> dict[str, Any]:
    return dict(service.answered("GET", f"{JOBS}/{job}")["job_detail"])


def until_copied(service: Service, job: int) -> str:
    """The folder of the copy, as `bucket/key`."""
    wait_for(lambda: "savepoint_copied" in service.history(job), "it is copied", lambda: service.history(job))
    return str(detail(service, job)["savepoint_path"])


def objects_in(service: Service, folder: str) -> dict[str, int]:
    """Sizes by name."""
    bucket, _, key = folder.partition("/")
    path = f"/penstock/v1/projects/{{project}}/buckets/{bucket}/objects"
    found = service.answered("GET", path, query={"prefix": f"{key}/", "limit": 1000})
    return {each["key"].removeprefix(f"{key}/"): each["size"] for each in found["objects"]}


def ask_to_stop_with_savepoint(service: Service, job: int) -> None:
    answers = service.answered("POST", f"{JOBS}/stop", {"job_ids": [job], "trigger_savepoint": True})
    assert [str(answer["is_success"]).lower() for answer in answers] == ["true"], answers


def trigger(service: Service, job: int, folder: str) -> None:
    service.answered("POST", f"{JOBS}/{job}/savepoint", {"action": "TRIGGER", "savepoint_path": folder})


def resume(service: Service, job: int) -> None:
    """From its newest savepoint, until it runs."""
    answers = service.answered("POST", f"{JOBS}/run", {"job_ids": [job], "resume_savepoint": True})
    assert [str(answer["is_success"]).lower() for answer in answers] == ["true"], answers
    service.until_running(job)


def facts_of(history: Sequence[str]) -> dict[str, int]:
    return {what: history.count(what) for what in history if "savepoint" in what}


@pytest.mark.core
def test_a_job_that_is_stopped_with_a_savepoint_goes_on_from_it(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "report"
    job = service.create(a_counting_job("goes-on", report))
    until_it_has_counted(service, job)

    ask_to_stop_with_savepoint(service, job)
    service.until(job, "job_cancel_success")
    copy = until_copied(service, job)
    resume(service, job)

    found = until_it_reported(report, 2)
    assert found[0] == 0 < found[1]
    assert len(found) == 2
    assert detail(service, job)["has_savepoint"] is True
    assert copy.startswith(f"{BUCKET}/jobs/savepoint/{job}/")
    (original,) = at_its_place(service, job)
    assert objects_in(service, copy) == {file.name: file.stat().st_size for file in original.iterdir()}


@pytest.mark.core
def test_a_copy_in_a_bucket_serves_the_job_that_lost_its_own_and_any_other(service: Service, tmp_path: Path) -> None:
    report, others = tmp_path / "report", tmp_path / "others"
    job = service.create(a_counting_job("first", report))
    until_it_has_counted(service, job)

    trigger(service, job, f"{BUCKET}/mine/")
    copy = until_copied(service, job)
    still = service.until_running(job)
    service.stop_job(job)
    lose_what_is_at_its_place(service, job)
    resume(service, job)
    mine = until_it_reported(report, 2)
    service.delete(job)
    other = service.create(a_counting_job("second", others, queue_name=""))
    service.answered("POST", f"{JOBS}/{other}/import-savepoint", {"job_id": other, "savepoint_path": copy})
    service.answered("PUT", f"/v1.0/{{project}}/streaming/flink-jobs/{other}", {"queue_name": QUEUE})
    resume(service, other)

    assert copy.startswith(f"{BUCKET}/mine/savepoint-")
    assert "_metadata" in objects_in(service, copy)
    assert still["restart_times"] == 0
    assert mine[0] == 0 < mine[1]
    assert until_it_reported(others, 1) == mine[1:]


def test_a_savepoint_that_is_cut_off_is_made_once_and_its_job_runs_on(service: Service, tmp_path: Path) -> None:
    job = service.create(a_counting_job("half-made", tmp_path / "report"))
    until_it_has_counted(service, job)
    run = service.run_of(job)

    trigger(service, job, f"{BUCKET}/half")
    service.kill()
    service.start()
    copy = until_copied(service, job)
    found = service.until_running(job)

    assert (found["run"]["id"], found["restart_times"]) == (run, 0)
    assert facts_of(service.history(job)) == {"savepoint_asked": 1, "savepoint_ended": 1, "savepoint_copied": 1}
    assert len(at_its_place(service, job)) == 1
    assert "_metadata" in objects_in(service, copy)


def test_a_job_runs_on_if_flink_can_make_no_savepoint_and_stops_once_it_can(service: Service, tmp_path: Path) -> None:
    job = service.create(a_counting_job("no-way", tmp_path / "report"))
    until_it_has_counted(service, job)
    obstacle = state_of(service, job) / "savepoints"
    obstacle.write_text("a file, where there should be a folder")

    ask_to_stop_with_savepoint(service, job)
    wait_for(lambda: "savepoint_failed" in service.history(job), "it failed", lambda: service.explain(job))
    still = service.until_running(job)
    without = detail(service, job)
    obstacle.unlink()
    ask_to_stop_with_savepoint(service, job)
    service.until(job, "job_cancel_success")

    assert still["restart_times"] == 0
    assert (without["has_savepoint"], without["savepoint_path"]) == (False, None)
    assert until_copied(service, job).startswith(f"{BUCKET}/jobs/savepoint/{job}/")


def test_a_job_without_a_bucket_goes_on_from_where_flink_wrote_its_savepoint(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "report"
    job = service.create(a_counting_job("bucketless", report, obs_bucket=""))
    until_it_has_counted(service, job)

    ask_to_stop_with_savepoint(service, job)
    service.until(job, "job_cancel_success")
    shown = detail(service, job)
    resume(service, job)

    (original,) = at_its_place(service, job)
    assert (shown["has_savepoint"], shown["savepoint_path"]) == (True, f"file:{original}")
    found = until_it_reported(report, 2)
    assert found[0] == 0 < found[1]
    assert "savepoint_copied" not in service.history(job)


@pytest.mark.core
def test_a_stop_with_savepoint_that_is_cut_off_is_finished_with_one_savepoint(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "report"
    job = service.create(a_counting_job("cut-off", report))
    until_it_has_counted(service, job)

    ask_to_stop_with_savepoint(service, job)
    service.kill()
    service.start()
    found = service.until(job, "job_cancel_success")
    copy = until_copied(service, job)
    service.until_nothing_is_left_of(found["run"]["id"])

    assert facts_of(service.history(job)) == {
        "stop_with_savepoint_asked": 1,
        "savepoint_kept": 1,
        "savepoint_copied": 1,
    }
    assert len(at_its_place(service, job)) == 1
    assert "_metadata" in objects_in(service, copy)
