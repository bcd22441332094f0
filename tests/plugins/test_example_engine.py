"""The example in `examples/rehearsal`, as its readers would use it: built, installed, found by its name, and served.

Nothing is fetched: what it needs to be built and to run is in the environment of these tests.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from e2e.scenery import Scenery
from e2e.service import ROOT, Service, a_job, a_service, clean, wait_for

EXAMPLE = ROOT / "examples" / "rehearsal"
SETTINGS = """
[api]
create_wait = 2
[places.stage]
engine = "rehearsal"
start_seconds = 0.2
cus = 4
"""
LOGGED = {"log_enabled": True, "obs_bucket": "Logs"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a process in which the example is installed, as a distribution beside Penstock."""
    folder = tmp_path_factory.mktemp("example")
    source, target = folder / "source", folder / "installed"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__", ".*"))
    # A build in a process of its own, without a network: setuptools is here, Penstock need not be found again.
    options = ["--no-index", "--no-build-isolation", "--no-deps", "--no-compile", "--quiet", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "install", *options]
    ended = subprocess.run([*command, str(source)], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return clean() | {"PYTHONPATH": f"{target}:{ROOT / 'src'}"}


@pytest.fixture(scope="module")
def service(installed: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("rehearsal"), SETTINGS, Scenery(environment=installed)) as service:
        yield service


@pytest.fixture(autouse=True)
def leave_it_tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "service" in request.fixturenames:
        request.getfixturevalue("service").tidy()


def python(installed: Mapping[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=installed, cwd=folder, capture_output=True, text=True, timeout=200, check=False)


def test_it_is_found_by_its_entry_point(installed: Mapping[str, str], tmp_path: Path) -> None:
    asked = (
        "from penstock.plugins import Kind, find, known\nimport json, sys\n"
        "names = known(Kind.ENGINE)\nplugin = find(Kind.ENGINE, 'rehearsal')\n"
        "print(json.dumps([names, plugin.name, sys.modules['penstock_rehearsal'].__file__]))"
    )

    names, name, file = json.loads(python(installed, tmp_path, "-c", asked).stdout)

    assert {"local", "rehearsal"} <= set(names)
    assert name == "rehearsal"
    assert Path(file).is_relative_to(installed["PYTHONPATH"].partition(":")[0])


def test_it_passes_the_conformance_suite_where_it_is_installed(installed: Mapping[str, str], tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)

    ended = python(installed, tmp_path, "-m", "pytest", "-v", "-p", "no:cacheprovider")

    assert ended.returncode == 0, ended.stdout
    assert "TestRehearsalEngine::test_launching_twice_is_launching_once PASSED" in ended.stdout
    assert "TestRehearsalEngine::test_a_reborn_engine_finds_its_runs_as_they_are PASSED" in ended.stdout


def test_a_slip_in_the_settings_of_its_place_ends_the_start_in_words(
    installed: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "penstock.toml").write_text('[places.stage]\nengine = "rehearsal"\nstart_second = 1\n')

    ended = python(installed, tmp_path, "-m", "penstock", "serve", "--state", str(tmp_path), "--port", "0")

    assert ended.returncode == 78
    assert "start_second" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_job_lives_its_life_on_it(service: Service) -> None:
    answer = service.answered("POST", "/v1.0/{project}/streaming/flink-jobs", a_job("lives"))["job"]
    job = answer["job_id"]
    graph = wait_for(lambda: _graph(service, job), "records flow")

    assert answer["status_name"] == "running"
    assert graph["jid"] == service.explain(job)["run"]["flink_job_id"]
    assert service.stop_job(job)["state"] == "stopped"


def test_a_job_fails_and_is_refused_as_its_arguments_ask(service: Service) -> None:
    fails = service.create(a_job("fails", arguments="--fails-after 1 --says 'out of luck'"))
    assert "out of luck" in service.until(fails, "job_running_exception")["status_desc"]

    refused = service.create(a_job("refused", arguments="--refused --says 'no such table'"))
    assert "no such table" in service.until(refused, "job_submit_fail")["status_desc"]


def test_a_job_waits_for_room_on_its_place(service: Service) -> None:
    first, second, third = (service.create(a_job(f"waits-{number}")) for number in range(3))

    service.until_running(first)
    service.until_running(second)
    wait_for(lambda: "place stage" in service.explain(third)["reason"]["text"], "the third says what it waits for")
    service.stop_job(first)

    service.until_running(third)


def test_a_rehearsal_outlives_its_service_and_ends_while_nobody_looks(service: Service) -> None:
    runs, ends = service.create(a_job("outlives")), service.create(a_job("ends", arguments="--finishes-after 1"))
    before = service.until_running(runs)["run"]

    service.kill()
    service.start()

    assert service.until(ends, "job_finish")
    found = service.until_running(runs)
    assert (found["run"], found["restart_times"]) == (before, 0)


def test_its_log_is_shipped_to_the_bucket(service: Service) -> None:
    buckets = "/penstock/v1/projects/{project}/buckets"
    service.answered("PUT", f"{buckets}/Logs")
    service.answered("POST", "/v1.0/{project}/dli/obs-authorize", {"obs_buckets": ["Logs"]})

    job = service.create(a_job("logged", arguments="--finishes-after 0.5", **LOGGED))
    run = service.until(job, "job_finish")["run"]["id"]
    key = f"jobs/logs/{job}_logged/application_{run}/jobmanager.000000000000000.log"

    def whole() -> str:
        answer = service.ask("GET", f"{buckets}/Logs/objects/{key}")
        return answer.text if answer.is_success and "FINISHED" in answer.text else ""

    assert "no Flink is started" in wait_for(whole, "the whole log is in the bucket")


def _graph(service: Service, job: int) -> dict[str, Any] | None:
    answer = service.ask("GET", f"/v1.0/{{project}}/streaming/jobs/{job}/execute-graph")
    found = answer.json().get("execute_graph")
    return found if found and found["vertices"][0]["metrics"]["write-records"] else None
