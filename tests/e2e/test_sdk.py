"""The official client of DLI, unmodified, with a key of ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkdli import v1 as dli

from e2e.service import QUEUE, TEST_JOBS, Service, wait_for

pytestmark = pytest.mark.flink


@pytest.fixture
def client(service: Service) -> Iterator[dli.DliClient]:
    known = service.profile
    credentials = BasicCredentials(known["access_key"], known["secret_key"], known["project_id"])
    config = HttpConfig(retry_times=0, timeout=90)
    builder = dli.DliClient.new_builder().with_credentials(credentials).with_http_config(config)
    client = builder.with_endpoints([known["endpoint"]]).build()
    yield client
    client.close()


@pytest.mark.core
def test_a_job_lives_its_life_through_the_official_client(service: Service, client: dli.DliClient) -> None:
    body = dli.CreateFlinkJarJobRequestBody(
        name="through-the-sdk",
        desc="经由SDK创建",
        queue_name=QUEUE,
        entrypoint=TEST_JOBS.name,
        main_class="io.penstock.testjobs.Unbounded",
        cu_number=2,
        manager_cu_number=1,
        parallel_number=1,
    )
    made = client.create_flink_jar_job(dli.CreateFlinkJarJobRequest(body))
    job = made.job.job_id
    assert made.is_success == "true"
    service.until_running(job)

    shown = client.show_flink_job(dli.ShowFlinkJobRequest(job_id=job)).job_detail
    assert (shown.name, shown.desc, shown.status) == ("through-the-sdk", "经由SDK创建", "job_running")
    listed = client.list_flink_jobs(dli.ListFlinkJobsRequest(name="through-the-sdk", status="job_running")).job_list
    assert (listed.total_count, listed.jobs[0].job_id) == (1, job)
    queues = client.list_queues(dli.ListQueuesRequest(queue_type="general")).queues
    assert QUEUE.lower() in {queue.queue_name for queue in queues}

    wish = dli.StopFlinkJobsRequestBody(job_ids=[job], trigger_savepoint=False)
    stopped = client.batch_stop_flink_jobs(dli.BatchStopFlinkJobsRequest(wish))
    assert [answer.is_success for answer in stopped.body] == ["true"]
    service.until(job, "job_cancel_success")

    assert client.delete_flink_job(dli.DeleteFlinkJobRequest(job_id=job)).is_success == "true"
    with pytest.raises(ClientRequestException) as gone:
        client.show_flink_job(dli.ShowFlinkJobRequest(job_id=job))
    assert (gone.value.status_code, gone.value.error_code) == (400, "DLI.16001")


def test_savepoints_through_the_official_client(service: Service, client: dli.DliClient, tmp_path: Path) -> None:
    service.make_bucket("savepoints")
    body = dli.CreateFlinkJarJobRequestBody(
        name="kept-through-the-sdk",
        queue_name=QUEUE,
        entrypoint=TEST_JOBS.name,
        main_class="io.penstock.testjobs.Counter",
        entrypoint_args=f"--report {tmp_path / 'counts'} --rate 200",
        cu_number=2,
        manager_cu_number=1,
        parallel_number=1,
    )
    job = client.create_flink_jar_job(dli.CreateFlinkJarJobRequest(body)).job.job_id
    service.until_running(job)

    wanted = dli.ExecuteFlinkJobSavepointRequestBody(action="TRIGGER", savepoint_path="savepoints/kept/")
    asked = client.execute_flink_job_savepoint(dli.ExecuteFlinkJobSavepointRequest(str(job), wanted))
    assert (asked.is_success, json.loads(asked.message)["is_success"]) == ("true", "true")
    first = until_copied(client, job)
    assert first.startswith("savepoints/kept/savepoint-")

    wish = dli.StopFlinkJobsRequestBody(job_ids=[job], trigger_savepoint=True)
    stopped = client.batch_stop_flink_jobs(dli.BatchStopFlinkJobsRequest(wish))
    assert [answer.is_success for answer in stopped.body] == ["true"]
    service.until(job, "job_cancel_success")
    second = detail(client, job).savepoint_path
    assert second != first

    found = dli.ImportFlinkJobSavepointRequestBody(job_id=job, savepoint_path=f"obs://{first}")
    brought = client.import_flink_job_savepoint(dli.ImportFlinkJobSavepointRequest(str(job), found))
    assert brought.is_success == "true"
    assert detail(client, job).savepoint_path == first

    again = dli.BatchRunFlinkJobsRequestBody(job_ids=[job], resume_savepoint=True)
    ran = client.batch_run_flink_jobs(dli.BatchRunFlinkJobsRequest(again))
    assert [answer.is_success for answer in ran.body] == ["true"]
    service.until_running(job)
    facts = service.answered("GET", f"/penstock/v1/projects/{{project}}/jobs/{job}/history")["facts"]
    assert facts[-1]["what"] == "seen_running"
    assert [fact["reason"]["params"] for fact in facts if fact["what"] == "run_asked"] == [{}, {"path": first}]

    service.stop_job(job)
    with pytest.raises(ClientRequestException) as late:
        client.execute_flink_job_savepoint(dli.ExecuteFlinkJobSavepointRequest(str(job), wanted))
    assert (late.value.status_code, late.value.error_code) == (400, "DLI.15002")


def detail(client: dli.DliClient, job: int) -> Any:
    return client.show_flink_job(dli.ShowFlinkJobRequest(job_id=job)).job_detail


def until_copied(client: dli.DliClient, job: int) -> str:
    """Where its newest savepoint is, once that is in a bucket."""

    def path() -> str | None:
        found = detail(client, job).savepoint_path
        return found if found and not found.startswith("file:") else None

    return wait_for(path, "the savepoint is copied", lambda: state_of(client, job))


def state_of(client: dli.DliClient, job: int) -> str:
    found = detail(client, job)
    return f"{found.status}, {found.savepoint_path}"


def test_a_key_that_is_wrong_is_refused(service: Service) -> None:
    known = service.profile
    credentials = BasicCredentials(known["access_key"], "not the secret", known["project_id"])
    builder = dli.DliClient.new_builder().with_credentials(credentials).with_http_config(HttpConfig(retry_times=0))
    client = builder.with_endpoints([known["endpoint"]]).build()

    with pytest.raises(ClientRequestException) as refused:
        client.list_flink_jobs(dli.ListFlinkJobsRequest())
    client.close()

    assert refused.value.status_code == 401
