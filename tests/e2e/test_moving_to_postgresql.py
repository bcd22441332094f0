"""A living installation moves from SQLite to PostgreSQL as the guide says, and its job does not notice."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from e2e.scenery import Scenery
from e2e.service import SMALL, Service, a_job, a_service, clean

pytestmark = pytest.mark.flink


@pytest.fixture
def installation(
    scenery: Scenery, bare_postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """On SQLite; the other database is there until nothing is left of it."""
    if scenery.postgresql is not None:
        pytest.skip("its records are in PostgreSQL from the beginning")
    with a_service(tmp_path_factory.mktemp("moving"), SMALL, scenery) as installation:
        yield installation


def penstock(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "penstock", *arguments, "--state", str(service.state)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=clean(), timeout=120)


def test_a_running_job_goes_on_after_its_records_have_moved(installation: Service, bare_postgresql_url: str) -> None:
    job = installation.create(a_job("stays"))
    before, alive = installation.until_running(job)["run"], installation.alive_of(job)
    history = installation.history(job)
    assert installation.stop() == 0

    moved = penstock(installation, "migrate", "sqlite-to-postgresql", "--to", bare_postgresql_url)
    left_behind = penstock(installation, "serve", "--port", "0")
    with (installation.state / "penstock.toml").open("a") as settings:
        settings.write(f'\n[database]\nurl = "{bare_postgresql_url}"\n')
    installation.start()

    assert moved.returncode == 0, moved.stderr
    assert (left_behind.returncode, "moved from this SQLite database" in left_behind.stderr) == (78, True)
    after = installation.until_running(job)
    assert after["run"] == before
    assert installation.alive_of(job) == alive
    assert installation.history(job)[: len(history)] == history
    assert "broke" not in installation.history(job)
    assert installation.create(a_job("comes-later")) == job + 1
