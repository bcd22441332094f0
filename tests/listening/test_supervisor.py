"""A service manager is told when the service answers; a terminal that closes is not one that asks for a reload."""

import os
import signal
import socket
import subprocess
import sys

import pytest
import structlog

from penstock.listening.supervisor import Supervisor


@pytest.mark.parametrize("name", ["{folder}/notify", "@penstock-test-{pid}"])
def test_a_manager_is_told(name, tmp_path, monkeypatch):
    address = name.format(folder=tmp_path, pid=os.getpid())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)

        Supervisor().tell("READY=1")

        assert manager.recv(64) == b"READY=1"


@pytest.mark.parametrize("address", ["", "vsock:2:9000", "{folder}/nobody"])
def test_nobody_to_tell_is_no_trouble(address, tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", address.format(folder=tmp_path))

    with structlog.testing.capture_logs() as told:
        Supervisor().tell("READY=1")

    assert [line["event"] for line in told] == (["service manager not told"] if "folder" in address else [])


@pytest.mark.parametrize(("closes", "said"), [(True, b"end"), (False, b"reload")])
def test_sighup_means_the_end_only_if_the_terminal_is_gone(closes, said):
    """In a process of its own, since a terminal belongs to a whole session."""
    ours, its = os.openpty()
    command = [sys.executable, "-c", _CHILD]
    with subprocess.Popen(command, stdin=its, stdout=subprocess.PIPE, bufsize=0, start_new_session=True) as child:
        os.close(its)
        assert child.stdout is not None
        assert child.stdout.read(64) == b"ready"
        if closes:
            os.close(ours)
        else:
            child.send_signal(signal.SIGHUP)
        told = child.stdout.read(64)
        child.kill()
    if not closes:
        os.close(ours)

    assert told == said


_CHILD = """
import fcntl, os, signal, termios
from penstock.listening.supervisor import Supervisor
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
supervisor = Supervisor()
signal.signal(signal.SIGHUP, lambda *_: os.write(1, b"end" if supervisor.hangs_up() else b"reload"))
os.write(1, b"ready")
while True:
    signal.pause()
"""
