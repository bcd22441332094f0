"""The command as a terminal and a shell see it: colours, pipes that close, Ctrl-C, completion."""

import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = (sys.executable, "-m", "penstock")
QUEUES = {"queues": [{"queue_name": "orders-queue", "queue_type": "general", "cu_count": 16, "create_time": 1}]}
COLOUR = re.compile(rb"\x1b\[[0-9;]*[349][0-7](;[0-9;]*)?m")
LIMIT = 30  # seconds


def read_terminal(service: Any, **environment: str) -> bytes:
    """All that `penstock queue list` writes to a terminal."""
    service.answers_to("GET", "/v1.0/p1/queues", QUEUES)
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [*COMMAND, "queue", "list"], stdout=theirs, env=os.environ | environment, timeout=LIMIT, check=True
        )
        return os.read(ours, 65536)
    finally:
        os.close(theirs)
        os.close(ours)


def test_a_terminal_shows_the_names_of_columns_in_bold(service, penstock) -> None:
    assert b"\x1b[1m" in read_terminal(service, TERM="xterm-256color")


def test_no_color_leaves_colours_out(service, penstock) -> None:
    said = read_terminal(service, TERM="xterm-256color", NO_COLOR="1")

    assert b"orders-queue" in said
    assert not COLOUR.search(said)


def test_a_pipe_gets_text_alone_even_if_colours_are_wished(service, penstock, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    service.answers_to("GET", "/v1.0/p1/queues", QUEUES)

    outcome = penstock("queue", "list")

    assert "orders-queue" in outcome.out
    assert "\x1b" not in outcome.out


JOB = {"job_detail": {"status": "job_running", "job_config": {"log_enabled": True, "obs_bucket": "logs"}}}
PIECE = "jobs/logs/7_orders/application_r1/jobmanager.0.log"
OBJECTS = {"objects": [{"key": PIECE, "size": 3, "modified": "2026-01-01T00:00:00Z"}], "next": None}


@pytest.mark.parametrize(
    "arguments", [("job", "logs", "7"), ("bucket", "get", "logs", PIECE), ("bucket", "objects", "logs"), ("--help",)]
)
def test_a_reader_who_has_enough_ends_the_command_quietly(arguments, service, penstock) -> None:
    service.answers_to("GET", "/v1.0/p1/streaming/jobs/7", JOB)
    service.answers_to("GET", "/penstock/v1/projects/p1/buckets/logs/objects", OBJECTS)
    service.answers_to("GET", f"/penstock/v1/projects/p1/buckets/logs/objects/{PIECE}", b"one\n")
    gone, pipe = os.pipe()
    os.close(gone)

    ended = subprocess.run([*COMMAND, *arguments], stdout=pipe, stderr=subprocess.PIPE, timeout=LIMIT, check=False)
    os.close(pipe)

    assert (ended.returncode, ended.stderr) == (141, b"")


def test_ctrl_c_ends_a_command_with_130_and_no_traceback(penstock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LIMIT)
        environment = os.environ | {"PENSTOCK_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        # Whoever runs the tests in the background of a shell ignores the signal, and so would the command.
        heeding = ["env", "--default-signal=INT", *COMMAND, "job", "list"]
        started = subprocess.Popen(heeding, stderr=subprocess.PIPE, env=environment)
        connection, _ = silent.accept()
        with connection:
            started.send_signal(signal.SIGINT)
            _, said = started.communicate(timeout=LIMIT)

    assert (started.returncode, said) == (130, b"")


def called_in(shell: str, flag: str) -> subprocess.CompletedProcess[str]:
    """The command asks for the shell that called it."""
    line = f"{shlex.join(COMMAND)} {flag}; exit $?"  # a last command would take the place of its shell
    return subprocess.run([shell, "-c", line], capture_output=True, text=True, timeout=LIMIT, check=False)


def test_completion_can_be_shown(penstock) -> None:
    ended = called_in("bash", "--show-completion")

    assert ended.returncode == 0
    assert "_PENSTOCK_COMPLETE=complete_bash" in ended.stdout


def test_completion_can_be_installed(penstock, tmp_path: Path) -> None:
    ended = called_in("bash", "--install-completion")

    assert ended.returncode == 0
    assert "penstock" in (tmp_path / ".bashrc").read_text(encoding="utf-8")


def test_a_shell_without_completion_is_told_which_have_it(penstock) -> None:
    ended = called_in("sh", "--show-completion")

    assert ended.returncode == 1
    assert ended.stderr.endswith("What to do: call it in bash, zsh, fish or PowerShell.\n")


def test_a_half_word_is_completed_by_the_commands_that_begin_so(penstock) -> None:
    asked = {"_PENSTOCK_COMPLETE": "complete_bash", "COMP_WORDS": "penstock job l", "COMP_CWORD": "2"}

    ended = subprocess.run(COMMAND, capture_output=True, text=True, env=os.environ | asked, timeout=LIMIT, check=True)

    assert ended.stdout.split() == ["list", "logs"]
