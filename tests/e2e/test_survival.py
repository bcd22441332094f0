"""The service dies, at any moment; its jobs do not, and none runs twice."""

import time

import pytest

from e2e.service import Service, a_job, wait_for

pytestmark = pytest.mark.flink

MOMENTS = (0.05, 0.2, 0.5, 1.5, 4.0)  # seconds after the answer of create: before, in and after the start of Flink


@pytest.mark.core
def test_a_running_job_is_adopted_by_the_next_service(service: Service) -> None:
    job = service.create(a_job("survives"))
    before, alive = service.until_running(job)["run"], service.alive_of(job)

    service.kill()
    assert service.place.alive() == alive
    service.start()
    wait_for(lambda: service.answered("GET", "/penstock/v1/places")["places"][0]["ready"], "the place is ready")
    graph = service.answered("GET", f"/v1.0/{{project}}/streaming/jobs/{job}/execute-graph")["execute_graph"]
    after = service.explain(job)

    assert after["status"] == "job_running"
    assert after["run"] == before
    assert graph["jid"] == before["flink_job_id"]
    assert after["restart_times"] == 0
    assert service.history(job).count("seen_running") == 1
    assert service.alive_of(job) == alive


def test_what_ended_while_nobody_looked_is_noticed(service: Service) -> None:
    job = service.create(a_job("ends-unseen", "FailsAfter", "--records 300"))
    service.until_running(job)

    service.kill()
    time.sleep(4)
    service.start()
    found = service.until(job, "job_running_exception")

    assert "the job failed on purpose" in found["status_desc"]
    service.until_nothing_is_left_of(found["run"]["id"])


@pytest.mark.core
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_job_whose_launch_is_cut_off_runs_exactly_once(service: Service, moment: float) -> None:
    job = service.create(a_job(f"cut-{moment}".replace(".", "-")))

    time.sleep(moment)
    service.kill()
    service.start()
    found = service.until_running(job)

    assert service.place.held() == [found["run"]["id"]]
    assert service.place.alive() == service.alive_of(job)
    assert len(service.alive_of(job)) == service.place.each
    assert found["restart_times"] == 0
    assert service.history(job).count("admitted") == 1


@pytest.mark.core
def test_a_stop_that_is_cut_off_is_finished_by_the_next_service(service: Service) -> None:
    job = service.create(a_job("stops"))
    service.until_running(job)

    service.answered("POST", "/v1.0/{project}/streaming/jobs/stop", {"job_ids": [job]})
    service.kill()
    service.start()

    service.until(job, "job_cancel_success")
    service.until_no_runs()
    assert service.place.alive() == set()


def test_a_delete_that_is_cut_off_is_finished_by_the_next_service(service: Service) -> None:
    job = service.create(a_job("vanishes"))
    service.until_running(job)

    service.delete(job)
    service.kill()
    service.start()

    service.until_no_runs()
    assert service.place.alive() == set()
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
    alive = service.alive_of(job)

    assert service.stop() == 0

    assert service.place.alive() == alive
    service.start()
    assert service.until_running(job)["restart_times"] == 0
