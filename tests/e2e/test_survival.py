"""The service dies, at any moment; its jobs do not, and none runs twice."""

import time

import pytest

from e2e.service import Service, a_job, wait_for

pytestmark = pytest.mark.flink

MOMENTS = (0.05, 0.2, 0.5, 1.5, 4.0)  # seconds after the answer of create: before, in and after the start of Flink


def test_a_running_job_is_adopted_by_the_next_service(service: Service) -> None:
    job = service.create(a_job("survives"))
    before, pids = service.until_running(job)["run"], service.pids(job)

    service.kill()
    assert service.jvms().keys() == pids
    service.start()
    wait_for(lambda: service.answered("GET", "/penstock/v1/places")["places"][0]["ready"], "the place is ready")
    graph = service.answered("GET", f"/v1.0/{{project}}/streaming/jobs/{job}/execute-graph")["execute_graph"]
    after = service.explain(job)

    assert after["status"] == "job_running"
    assert after["run"] == before
    assert graph["jid"] == before["flink_job_id"]
    assert after["restart_times"] == 0
    assert service.history(job).count("seen_running") == 1
    assert service.pids(job) == pids


def test_what_ended_while_nobody_looked_is_noticed(service: Service) -> None:
    job = service.create(a_job("ends-unseen", "FailsAfter", "--records 300"))
    service.until_running(job)

    service.kill()
    time.sleep(4)
    service.start()
    found = service.until(job, "job_running_exception")

    assert "the job failed on purpose" in found["status_desc"]
    service.until_nothing_is_left_of(found["run"]["id"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_job_whose_launch_is_cut_off_runs_exactly_once(service: Service, moment: float) -> None:
    job = service.create(a_job(f"cut-{moment}".replace(".", "-")))

    time.sleep(moment)
    service.kill()
    service.start()
    found = service.until_running(job)

    assert len(service.claimed()) == 1
    assert {tags["penstock.pair"] for tags in service.jvms().values()} == {service.claimed()[0].parent.name}
    assert len(service.jvms()) == 2
    assert found["restart_times"] == 0
    assert service.history(job).count("admitted") == 1


def test_a_stop_that_is_cut_off_is_finished_by_the_next_service(service: Service) -> None:
    job = service.create(a_job("stops"))
    service.until_running(job)

    service.answered("POST", "/v1.0/{project}/streaming/jobs/stop", {"job_ids": [job]})
    service.kill()
    service.start()

    service.until(job, "job_cancel_success")
    service.until_no_runs()
    assert service.jvms() == {}


def test_a_delete_that_is_cut_off_is_finished_by_the_next_service(service: Service) -> None:
    job = service.create(a_job("vanishes"))
    service.until_running(job)

    service.delete(job)
    service.kill()
    service.start()

    service.until_no_runs()
    assert service.jvms() == {}
    assert service.ask("GET", f"/v1.0/{{project}}/streaming/jobs/{job}").json()["error_code"] == "DLI.16001"


def test_a_waiting_job_still_waits_in_its_order(service: Service) -> None:
    service.make_queue("narrow", 2)
    first, second, third = (service.create(a_job(f"waits-{number}", queue_name="narrow")) for number in range(3))
    wait_for(lambda: service.explain(second)["reason"]["code"] == "waits_for_queue", "the second waits")

    service.kill()
    service.start()
    service.delete(first)
    service.until_running(second)

    assert service.explain(third)["state"] == "queued"


def test_an_orderly_end_leaves_jobs_running_and_nothing_else(service: Service) -> None:
    job = service.create(a_job("outlives"))
    service.until_running(job)
    pids = service.pids(job)

    assert service.stop() == 0

    assert service.jvms().keys() == pids
    service.start()
    assert service.until_running(job)["restart_times"] == 0
