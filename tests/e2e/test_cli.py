"""The command itself, in a process, against a service in another: what it prints, and how it ends."""

import json
import subprocess
import sys
from typing import Any

import pytest

from e2e.service import QUEUE, TEST_JOBS, Service, clean

pytestmark = pytest.mark.flink


def penstock(service: Service, *arguments: str, feed: str | None = None) -> subprocess.CompletedProcess[str]:
    """With its output in pipes, as a program calls it."""
    command = [sys.executable, "-m", "penstock", *arguments, "--state", str(service.state)]
    return subprocess.run(command, env=clean(), input=feed, capture_output=True, text=True, timeout=120, check=False)


def told(service: Service, *arguments: str, feed: str | None = None) -> Any:
    """The JSON document of a command that must succeed."""
    ended = penstock(service, *arguments, "--json", feed=feed)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.core
def test_a_job_lives_its_life_through_the_command_line(service: Service) -> None:
    uploaded = told(service, "package", "upload", str(TEST_JOBS), "--group", "cli")
    assert (uploaded[0]["group_name"], uploaded[0]["size"]) == ("cli", TEST_JOBS.stat().st_size)
    asked = {"queue_name": QUEUE, "entrypoint": "cli/testjobs.jar", "main_class": "io.penstock.testjobs.Unbounded"}

    made = told(service, "job", "create", "--name", "from-the-cli", "--file", "-", feed=json.dumps(asked))
    job = made["job"]["job_id"]
    service.until_running(job)

    assert [found["job_id"] for found in told(service, "job", "list")["jobs"]] == [job]
    shown = told(service, "job", "show", "from-the-cli")
    assert shown["status"] == "job_running"
    assert shown["execute_graph"]["vertices"]
    explained = told(service, "job", "explain", str(job))
    assert explained["state"] == "running"
    assert [fact["what"] for fact in explained["history"]][-1] == "seen_running"
    assert told(service, "job", "stop", str(job))[0]["is_success"] == "true"
    service.until(job, "job_cancel_success")
    assert told(service, "job", "delete", "from-the-cli")
    assert told(service, "job", "list")["jobs"] == []


def test_people_get_tables_and_no_progress_bar_in_a_pipe(service: Service) -> None:
    uploaded = penstock(service, "package", "upload", str(TEST_JOBS), "--group", "people")
    queues = penstock(service, "queue", "list")
    jobs = penstock(service, "job", "list")

    assert (uploaded.returncode, uploaded.stderr) == (0, "")
    assert uploaded.stdout.startswith("people/testjobs.jar: ")
    assert "\x1b" not in uploaded.stdout + queues.stdout + jobs.stdout
    assert QUEUE.lower() in queues.stdout
    assert jobs.stdout.split()[:3] == ["ID", "NAME", "STATUS"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("job", "show", "nobody"), 1, "There is no job named nobody"),
        (("job", "show", "4711"), 1, "DLI.16001"),
        (("job", "create", "--name", "x", "--queue", "nowhere"), 1, "nowhere"),
        (("package", "upload", "/not/there.jar"), 1, "/not/there.jar"),
        (("job", "fly"), 2, "fly"),
        (("serve",), 78, "Another Penstock"),
    ],
)
def test_what_goes_wrong_ends_with_a_code_and_what_to_do(
    service: Service, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended = penstock(service, *arguments)

    assert ended.returncode == code, ended.stderr
    assert words in ended.stderr
    assert "What to do: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_service_that_does_not_answer_is_said_so(service: Service) -> None:
    service.stop()

    ended = penstock(service, "job", "list", "--json")

    assert ended.returncode == 1
    assert json.loads(ended.stderr)["error"].startswith("No service answers at ")
