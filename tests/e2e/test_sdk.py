"""The official client of DLI, unmodified, with a key of ours."""

from collections.abc import Iterator

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkdli import v1 as dli

from e2e.service import QUEUE, TEST_JOBS, Service

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


def test_a_key_that_is_wrong_is_refused(service: Service) -> None:
    known = service.profile
    credentials = BasicCredentials(known["access_key"], "not the secret", known["project_id"])
    builder = dli.DliClient.new_builder().with_credentials(credentials).with_http_config(HttpConfig(retry_times=0))
    client = builder.with_endpoints([known["endpoint"]]).build()

    with pytest.raises(ClientRequestException) as refused:
        client.list_flink_jobs(dli.ListFlinkJobsRequest())
    client.close()

    assert refused.value.status_code == 401
