"""This machine's processes: started so that they outlive us, recognised by what their command line says.

A process is its pid together with its start time, so that a number that was given out again is never mistaken for it.
"""

import asyncio
import os
import select
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from penstock.domain.errors import EngineUnavailable

_PROC = Path("/proc")
_START_TIME = 19  # of the fields after the name, which is the only one that may hold spaces
_GONE_LIMIT = 20.0  # seconds until a killed process must be gone; only a stuck disk takes longer
# The folder is gone once a pair is discarded, so that a start which is overtaken by it comes to nothing.
_ENTER_AND_BECOME = 'umask 077 && cd "$0" && exec "$@"'


@dataclass(frozen=True, slots=True)
class Process:
    """One process of this machine, dead or alive."""

    pid: int
    started: int  # clock ticks since the machine started


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start, and where its output goes."""

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    output: Path  # without its ending


def spawn(command: Command, policy: int = os.SCHED_OTHER) -> Process:
    """A process in a session of its own, with nothing of ours but the files it writes to."""
    write = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", _ENTER_AND_BECOME, str(command.folder), *command.argv],
        dict(command.env),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, f"{command.output}.out", write, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, f"{command.output}.err", write, 0o600),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
    )
    process = Process(pid, _stat(pid)[1])
    if policy != os.SCHED_OTHER:  # glibc's own way of setting it knows no SCHED_BATCH
        set_policy(process, policy)
    return process


def is_alive(process: Process) -> bool:
    state, started = _stat(process.pid)
    return started == process.started and state not in "ZX"


def exit_code(process: Process) -> int | None:
    """Of a child of ours that ended by itself; None if it lives, was killed by a signal, or is another's child."""
    with suppress(ChildProcessError):
        # WNOWAIT leaves it to be asked again; `bury` takes it away.
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None and ended.si_code == os.CLD_EXITED:
            return ended.si_status
    return None


async def kill(processes: Sequence[Process]) -> None:
    """Until they are gone; raises EngineUnavailable if one will not go."""
    for process in processes:
        send(process, signal.SIGKILL)
    await wait_gone(processes, _GONE_LIMIT)


def send(process: Process, number: signal.Signals) -> None:
    """To this very process, or to nobody."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if is_alive(process):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)


async def wait_gone(processes: Sequence[Process], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            for process in processes:
                await _gone(process)
    except TimeoutError as exc:
        pids = ", ".join(str(process.pid) for process in processes if is_alive(process))
        raise EngineUnavailable(f"The processes {pids} do not end") from exc


def set_policy(process: Process, policy: int) -> None:
    """For every thread; twice, since a thread may be born while we look."""
    for _ in range(2):
        with suppress(FileNotFoundError):
            for thread in (_PROC / str(process.pid) / "task").iterdir():
                with suppress(ProcessLookupError):
                    os.sched_setscheduler(int(thread.name), policy, os.sched_param(0))


def find(tags: Mapping[str, str]) -> Iterator[tuple[Process, Mapping[str, str]]]:
    """Every living process with at least these tags on its command line, with all its tags."""
    for entry in _PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        with suppress(OSError):
            found = _tags((entry / "cmdline").read_bytes())
            state, started = _stat(int(entry.name))
            if found and found.items() >= tags.items() and state not in "ZX":
                yield Process(int(entry.name), started), found


def works_in(process: Process, folder: Path) -> bool:
    """As the system knows it: also after the folder was moved, or deleted; never for a copy of the folder."""
    try:
        place = str((_PROC / str(process.pid) / "cwd").readlink())
    except OSError:
        return False
    return Path(place.removesuffix(" (deleted)")).is_relative_to(folder.resolve())


def free_port(taken: frozenset[int]) -> int:
    """One that nobody listens at now; who loses the race for it dies at its start, and is started again."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port


def _stat(pid: int) -> tuple[str, int]:
    """(state, start time); a process that is gone has the state X."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "X", -1
    return fields[0], int(fields[_START_TIME])


def _tags(cmdline: bytes) -> dict[str, str]:
    words = cmdline.decode("utf-8", "replace").split("\0")
    return dict(word[2:].split("=", 1) for word in words if word.startswith("-Dpenstock.") and "=" in word)


async def _gone(process: Process) -> None:
    """Its last thread too: a JVM whose first thread is gone may hold its ports for a while yet."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        while _stat(process.pid)[1] == process.started and not select.select([handle], [], [], 0)[0]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    finally:
        os.close(handle)
    # Only a parent may wait for it, and whose child it is depends on who started it.
    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)  # noqa: ASYNC222 - does not block
