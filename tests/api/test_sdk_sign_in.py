"""The official SDK with a key and a region only: it finds its project by name, over a real socket."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkdli import v1 as dli

from api.house import MINE, SECOND, THEIRS, a_house
from penstock.ports.clock import SystemClock

REGION = "HUAWEICLOUD_SDK_IAM_ENDPOINT"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over fakes, at a port of this machine."""
    house = asyncio.run(_a_house_of_today(tmp_path_factory.mktemp("house")))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(house.app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


async def _a_house_of_today(folder: Path):
    house = await a_house(folder)
    house.clock.set(SystemClock().now())  # the SDK signs with the time of this machine
    return house


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK remembers projects by key and region for as long as the process lives."""
    monkeypatch.setattr(BasicCredentials, "_CACHE", {})
    monkeypatch.setattr(GlobalCredentials, "_CACHE", {})


def client_of(endpoint: str, credentials: BasicCredentials, region: str) -> dli.DliClient:
    config = HttpConfig(retry_times=0, timeout=30)
    builder = dli.DliClient.new_builder().with_credentials(credentials).with_http_config(config)
    return builder.with_region(Region(region, endpoint)).build()


def test_a_key_and_a_region_are_enough(endpoint: str) -> None:
    credentials = BasicCredentials("AK", "SAK").with_iam_endpoint(endpoint)

    jobs = client_of(endpoint, credentials, MINE).list_flink_jobs(dli.ListFlinkJobsRequest())

    assert (credentials.project_id, jobs.is_success, jobs.job_list.total_count) == (MINE, "true", 0)


def test_the_environment_names_the_identity_service_too(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REGION, endpoint)
    credentials = BasicCredentials("AK", "SAK")

    client_of(endpoint, credentials, SECOND).list_flink_jobs(dli.ListFlinkJobsRequest())

    assert credentials.project_id == SECOND


@pytest.mark.parametrize(("key", "region"), [("AK", THEIRS), ("AK2", MINE), ("AK", "no-region-1")])
def test_a_region_that_is_none_of_mine_is_not_found(endpoint: str, key: str, region: str) -> None:
    credentials = BasicCredentials(key, f"S{key}").with_iam_endpoint(endpoint)

    with pytest.raises(SdkException) as failed:
        client_of(endpoint, credentials, region).list_flink_jobs(dli.ListFlinkJobsRequest())

    assert "Failed to get project id" in str(failed.value)


def test_a_wrong_secret_is_told_in_words(endpoint: str) -> None:
    credentials = BasicCredentials("AK", "wrong").with_iam_endpoint(endpoint)

    with pytest.raises(SdkException) as failed:
        client_of(endpoint, credentials, MINE).list_flink_jobs(dli.ListFlinkJobsRequest())

    assert "401" in str(failed.value)
    assert "signature" in str(failed.value)
