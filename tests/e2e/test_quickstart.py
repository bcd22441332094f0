"""`penstock quickstart`: one line for programs once the job runs, a true farewell, and a second call that adopts."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.scenery import Scenery
from e2e.service import PATIENCE, SMALL, Service, clean, wait_for

pytestmark = pytest.mark.flink

PENSTOCK = (sys.executable, "-m", "penstock")


class QuickStart:
    """The command in a process, told to speak to programs."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._said = state.parent / "quickstart.err"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, Any]:
        """What its one line says."""
        command = [*PENSTOCK, "quickstart", "--state", str(self._state), "--port", "0", "--json"]
        with self._said.open("w") as said:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, env=clean())
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._said.read_text()
        return dict(json.loads(line))

    def interrupt(self) -> tuple[int, str]:
        """As Ctrl-C does it: the exit code, and everything that was said beside the line."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        rest, _ = self._process.communicate(timeout=60)
        assert rest == ""
        return self._process.returncode, self._said.read_text()

    def call(self, *arguments: str) -> Any:
        """Another command about the same service."""
        command = [*PENSTOCK, *arguments, "--state", str(self._state), "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, env=clean(), timeout=PATIENCE, check=False)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def status(self) -> str:
        return str(self.call("job", "show", "test")["status"])

    def clear_away(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def house(scenery: Scenery, tmp_path: Path) -> Iterator[Service]:
    """A state directory, and what the operating system has of it; after the test there is nothing."""
    house = Service(tmp_path, SMALL, scenery)
    yield house
    house.end()


@pytest.fixture
def quickstart(house: Service) -> Iterator[QuickStart]:
    quickstart = QuickStart(house.state)
    yield quickstart
    quickstart.clear_away()


@pytest.mark.needs("logs")
@pytest.mark.needs("own bucket")
def test_a_job_outlives_its_quickstart_and_the_next_one_adopts_it(house: Service, quickstart: QuickStart) -> None:
    first = quickstart.start()
    before = quickstart.call("job", "explain", "test")["run"]
    code, said = quickstart.interrupt()

    assert code == 0
    assert first["status_name"] == "running"
    assert f"Job {first['job_id']} runs on by itself" in said
    assert house.place.alive()

    second = quickstart.start()
    after = quickstart.call("job", "explain", "test")["run"]

    assert second["job_id"] == first["job_id"]
    assert after == before

    quickstart.call("job", "stop", "test")
    wait_for(lambda: quickstart.status() == "job_cancel_success", "the job is stopped")
    wait_for(lambda: not house.place.alive(), "no process is left")
    quickstart.call("job", "delete", "test")
    code, said = quickstart.interrupt()

    assert code == 0
    assert "Package myGroup/test.jar is in place." in said
    assert "runs on" not in said
