"""The service over HTTPS: DLI's own client, our command line, a certificate that changes, and clients that dawdle."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SslHandShakeException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkdli import v1 as dli

from e2e.scenery import Scenery
from e2e.service import QUEUE, SMALL, TEST_JOBS, Service, a_job, a_service, clean, wait_for
from listening.authority import Authority

pytestmark = pytest.mark.flink

AUTHORITY = Authority()
HOSTS = ("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the certificate, and of its authority's."""
    folder = tmp_path_factory.mktemp("tls")
    AUTHORITY.sign(*HOSTS).written(folder)
    (folder / "authority.pem").write_bytes(AUTHORITY.certificate)
    return folder


@pytest.fixture(scope="module")
def service(scenery: Scenery, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    named = f"[server]\ncertificate = '{files / 'fullchain.pem'}'\nkey = '{files / 'key.pem'}'\n"
    with a_service(tmp_path_factory.mktemp("service"), SMALL + named, scenery) as service:
        yield service


def test_a_job_lives_its_life_through_the_official_client(service: Service, files: Path) -> None:
    client = official(service, HttpConfig(retry_times=0, timeout=90, ssl_ca_cert=str(files / "authority.pem")))
    body = dli.CreateFlinkJarJobRequestBody(
        name="over-https", queue_name=QUEUE, entrypoint=TEST_JOBS.name, main_class="io.penstock.testjobs.Unbounded"
    )

    job = client.create_flink_jar_job(dli.CreateFlinkJarJobRequest(body)).job.job_id
    service.until_running(job)
    shown = client.show_flink_job(dli.ShowFlinkJobRequest(job_id=job)).job_detail
    service.stop_job(job)
    client.close()

    assert service.endpoint.startswith("https://127.0.0.1:")
    assert (shown.name, shown.status) == ("over-https", "job_running")


def test_the_official_client_does_not_believe_an_authority_that_it_was_not_given(service: Service) -> None:
    client = official(service, HttpConfig(retry_times=0))

    with pytest.raises(SslHandShakeException):
        client.list_flink_jobs(dli.ListFlinkJobsRequest())
    client.close()


def test_the_command_line_finds_all_it_needs_in_the_profile(service: Service) -> None:
    command = [sys.executable, "-m", "penstock", "queue", "list", "--state", str(service.state), "--json"]
    ended = subprocess.run(command, env=clean(), capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 0, ended.stderr
    assert QUEUE.lower() in {queue["queue_name"] for queue in json.loads(ended.stdout)}


def test_a_certificate_that_changes_ends_no_job_and_no_connection(service: Service, files: Path) -> None:
    job = service.create(a_job("through-a-renewal"))
    service.until_running(job)
    before = shown(service.endpoint)

    with connected(service.endpoint) as open_one:
        AUTHORITY.sign(*HOSTS).written(files)
        os.kill(service.pid, signal.SIGHUP)
        wait_for(lambda: shown(service.endpoint) != before, "the new certificate is shown", limit=30)
        open_one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert open_one.recv(64).startswith(b"HTTP/1.1 200")

    assert service.explain(job)["status"] == "job_running"
    service.stop_job(job)


def test_clients_that_never_finish_a_handshake_hold_up_neither_others_nor_the_end(service: Service) -> None:
    address = urlsplit(service.endpoint)
    dawdlers = [socket.create_connection((address.hostname, address.port)) for _ in range(100)]
    try:
        for dawdler in dawdlers[::2]:
            dawdler.sendall(b"\x16\x03\x01\x02\x00")
        assert service.ask("GET", "/penstock/v1/me").is_success

        assert service.stop() == 0
    finally:
        for dawdler in dawdlers:
            dawdler.close()


def official(service: Service, config: HttpConfig) -> dli.DliClient:
    known = service.profile
    credentials = BasicCredentials(known["access_key"], known["secret_key"], known["project_id"])
    builder = dli.DliClient.new_builder().with_credentials(credentials).with_http_config(config)
    return builder.with_endpoints([known["endpoint"]]).build()


def connected(endpoint: str) -> ssl.SSLSocket:
    address = urlsplit(endpoint)
    believing = ssl.create_default_context(cadata=AUTHORITY.certificate.decode())
    plain = socket.create_connection((address.hostname, address.port), timeout=30)
    return believing.wrap_socket(plain, server_hostname="localhost")


def shown(endpoint: str) -> bytes | None:
    with connected(endpoint) as connection:
        return connection.getpeercert(binary_form=True)
