"""Packages on their way in: as large as they like, cut off at any moment, more than is allowed."""

import socket
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from e2e.service import Service, a_job, wait_for
from penstock.api.signatures import UNSIGNED_PAYLOAD, sign

pytestmark = pytest.mark.flink

MIB = 2**20
UPLOAD = "/penstock/v1/projects/{project}/packages"
BEGINNING = (
    b'--cut\r\nContent-Disposition: form-data; name="file"; filename="half.jar"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + b"x" * MIB
)


def test_a_jar_of_200_mb_does_not_grow_the_process(service: Service, tmp_path: Path) -> None:
    big = tmp_path / "big.jar"
    with zipfile.ZipFile(big, "w", zipfile.ZIP_STORED) as jar, jar.open("padding", "w", force_zip64=True) as entry:
        for _ in range(200):
            entry.write(bytes(MIB))
    service.stop()
    service.start()  # its peak is that of this process
    before = _peak(service)

    answer = service.upload(big, "big")

    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == big.stat().st_size
    assert _peak(service) - before < 64 * MIB
    assert _uploads(service) == []


def test_an_upload_whose_caller_hangs_up_leaves_nothing(service: Service) -> None:
    connection = _half_an_upload(service)
    wait_for(lambda: _uploads(service), "the upload has begun")

    connection.close()

    wait_for(lambda: not _uploads(service), "nothing is left of it")
    assert "half.jar" not in _packages(service)


def test_an_upload_whose_service_is_killed_leaves_nothing(service: Service) -> None:
    connection = _half_an_upload(service)
    wait_for(lambda: _uploads(service), "the upload has begun")

    service.kill()
    service.start()
    connection.close()

    assert _uploads(service) == []
    assert "half.jar" not in _packages(service)


def test_an_upload_of_a_stranger_is_refused_before_it_is_read(service: Service) -> None:
    connection = _half_an_upload(service, {"Authorization": "SDK-HMAC-SHA256 Access=A, SignedHeaders=b, Signature=c"})

    answer = connection.recv(4096)

    connection.close()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert _uploads(service) == []


def test_a_request_over_the_limit_is_refused(service: Service) -> None:
    answer = service.ask("POST", "/v1.0/{project}/streaming/flink-jobs", a_job("long", desc="x" * 13 * MIB))

    assert answer.status_code in {400, 413}
    assert answer.json()["error_msg"]
    assert service.answered("GET", "/v1.0/{project}/streaming/jobs")["job_list"]["total_count"] == 0


def _half_an_upload(service: Service, over: Mapping[str, str] | None = None) -> socket.socket:
    """Says that 10 MB come, and sends one."""
    known, path = service.profile, service.path(UPLOAD)
    headers = {"Content-Type": "multipart/form-data; boundary=cut", "X-Sdk-Content-Sha256": UNSIGNED_PAYLOAD}
    keys = known["access_key"], known["secret_key"]
    signed = sign("POST", service.endpoint + path, headers, b"", *keys, datetime.now(UTC))
    sent = {**signed, "Content-Length": str(10 * MIB), **(over or {})}
    address = urlsplit(service.endpoint)
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=60)
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + BEGINNING)
    return connection


def _uploads(service: Service) -> list[Path]:
    return list(service.state.glob("uploads/*"))


def _packages(service: Service) -> list[str]:
    return [package["name"] for package in service.answered("GET", UPLOAD)["packages"]]


def _peak(service: Service) -> int:
    """The most memory that the service ever had, in bytes."""
    lines = Path(f"/proc/{service.pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
