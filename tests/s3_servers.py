"""Real S3-compatible servers for tests: moto as a process, versitygw where Go can build it, and faults between.

Each server listens on a free loopback port and keeps what it is given in a folder of the test, or in memory.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from penstock.object_stores.s3.access import Access, Keys
from penstock.object_stores.s3.settings import S3Settings
from penstock.object_stores.s3.store import S3Store

REGION = "us-east-1"
_VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
_BUILD_LIMIT = 250  # seconds; the first build fetches its modules
_START_LIMIT = 30.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """Where a server is, and the keys of somebody who may do everything there."""

    name: str
    endpoint: str
    access_key: str
    secret_key: str

    def client(self) -> Any:
        """Somebody else's client of the same server, to see what really lies there."""
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name=REGION, **keys)

    def new_bucket(self) -> str:
        name = f"test-{uuid.uuid4().hex}"
        self.client().create_bucket(Bucket=name)
        return name

    def store(self, bucket: str, **changes: object) -> S3Store:
        """Ours, with quick limits."""
        given = {"bucket": bucket, "endpoint": self.endpoint, "allow_http": True, "timeout": 10.0} | changes
        return S3Store(Access(S3Settings.model_validate(given), Keys(access=self.access_key, secret=self.secret_key)))

    def at(self, endpoint: str) -> "S3Server":
        """The same behind another address."""
        return replace(self, endpoint=endpoint)


@contextmanager
def moto() -> Iterator[S3Server]:
    port = _free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _process(command, port, {}):
        yield S3Server(name="moto", endpoint=f"http://127.0.0.1:{port}", access_key="ak", secret_key="sk-of-moto")


@contextmanager
def versitygw(folder: Path) -> Iterator[S3Server]:
    """A gateway to a folder that checks signatures; skips the test where it cannot be built."""
    binary, port = _versitygw(), _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    server = S3Server(
        name="versitygw", endpoint=f"http://127.0.0.1:{port}", access_key="ROOTKEY", secret_key="root-secret"
    )
    keys = {"ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key}
    with _process([str(binary), "--port", f"127.0.0.1:{port}", "posix", str(folder)], port, keys):
        yield server


def servers() -> Mapping[str, Callable[[Path], contextlib.AbstractContextManager[S3Server]]]:
    """By name; each is given a folder of its own."""
    return {"moto": lambda _: moto(), "versitygw": versitygw}


def _versitygw() -> Path:
    """Built once and kept beside other caches of this OS user, outside the tree."""
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        / "penstock-tests"
        / _VERSITYGW.rpartition("@")[2]
    )
    binary = cache / "versitygw"
    if binary.exists():
        return binary
    if shutil.which("go") is None:
        pytest.skip("versitygw is built with Go, which is not here")
    made = cache / f"build-{os.getpid()}"
    built = subprocess.run(
        ["go", "install", _VERSITYGW],
        env={**os.environ, "GOBIN": str(made)},
        capture_output=True,
        text=True,
        timeout=_BUILD_LIMIT,
        check=False,
    )
    if built.returncode != 0:
        pytest.skip(f"versitygw cannot be built here: {built.stderr.strip().splitlines()[-1:]}")
    (made / "versitygw").replace(binary)
    made.rmdir()
    return binary


@contextmanager
def _process(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, env={**os.environ, **environment}, stdout=quiet, stderr=quiet)
    try:
        _wait_for(port, started)
        yield
    finally:
        started.terminate()
        started.wait(10)


def _wait_for(port: int, started: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_LIMIT
    while time.monotonic() < until and started.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server on port {port} does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
