"""Starts that cannot be: exit code 78, and one sentence that says what to put right."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.scenery import Scenery
from e2e.service import SMALL, Service, clean

pytestmark = pytest.mark.flink

SETUP = 78


def serve(state: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "penstock", "serve", "--state", str(state), "--port", "0", *arguments]
    return subprocess.run(command, env=clean() | environment, capture_output=True, text=True, timeout=120, check=False)


def refused(ended: subprocess.CompletedProcess[str]) -> str:
    """What a service that refuses to start says: a sentence and a cure, no trace."""
    assert ended.returncode == SETUP, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Error: " in ended.stderr
    assert "What to do: " in ended.stderr
    return ended.stderr


def test_a_second_service_on_one_state_directory_is_refused(scenery: Scenery, tmp_path: Path) -> None:
    service = Service(tmp_path, SMALL, scenery)
    try:
        service.start()
        said = refused(serve(service.state))
        assert service.ask("GET", "/penstock/v1/me").is_success
    finally:
        pid = service.pid
        service.end()

    assert f"Another Penstock (process {pid}) serves the state directory {service.state}" in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = refused(serve(tmp_path / "state", "--port", str(port)))

    assert f"Port {port} on 127.0.0.1" in said


def test_a_java_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = refused(serve(tmp_path / "state", JAVA_HOME=str(tmp_path / "no-java")))

    assert str(tmp_path / "no-java") in said
    assert "Java" in said


def test_a_flink_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = refused(serve(tmp_path / "state", FLINK_HOME=str(tmp_path / "no-flink")))

    assert str(tmp_path / "no-flink") in said


@pytest.mark.parametrize("content", [b"[api\n", b"api = '\xff'\n", b"[api]\ncreat = 'draft'\n", b"[api]\ncreate = 7\n"])
def test_settings_that_cannot_be_read_are_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "penstock.toml"
    file.write_bytes(content)

    said = refused(serve(tmp_path / "state", "--config", str(file)))

    assert str(file) in said or "api.creat" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_settings_file_of_somebody_else_is_named(tmp_path: Path) -> None:
    file = tmp_path / "penstock.toml"
    file.touch(mode=0o000)

    assert str(file) in refused(serve(tmp_path / "state", "--config", str(file)))


def test_a_settings_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(serve(tmp_path / "state", "--config", str(tmp_path)))


def test_a_state_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").touch()

    assert str(tmp_path / "state") in refused(serve(tmp_path / "state"))


def test_a_place_with_an_unknown_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "penstock.toml").write_text("[places.here]\npool_sise = 1\n")

    assert "pool_size" in refused(serve(tmp_path / "state"))
