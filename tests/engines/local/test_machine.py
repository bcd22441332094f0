"""Processes as the system shows them; these are small ones, not Flink's."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.engines.local import machine
from penstock.engines.local.machine import Command, Process

pytestmark = pytest.mark.anyio

SLEEP = ("/bin/sh", "-c", "sleep 60; exit 0", "-Dpenstock.pair=test-of-machine")


@pytest.fixture
def started() -> Iterator[list[Process]]:
    """What a test starts, ended after it."""
    processes: list[Process] = []
    yield processes
    for process in processes:
        machine.send(process, signal.SIGKILL)


def a_command(folder: Path, *argv: str) -> Command:
    return Command(argv=argv, env={"PATH": "/bin:/usr/bin"}, folder=folder, output=folder / "out")


async def test_a_process_has_a_session_of_its_own_and_nothing_of_ours(
    tmp_path: Path, started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_SECRET", "x")

    process = machine.spawn(a_command(tmp_path, *SLEEP))
    started.append(process)

    assert os.getsid(process.pid) == process.pid
    assert b"OUR_SECRET" not in Path(f"/proc/{process.pid}/environ").read_bytes()  # noqa: ASYNC240 - of the kernel


async def test_a_process_is_found_by_its_tags_and_place(tmp_path: Path, started: list[Process]) -> None:
    process = machine.spawn(a_command(tmp_path, *SLEEP))
    started.append(process)

    found = [process for process, _ in machine.find({"penstock.pair": "test-of-machine"})]

    assert process in found
    async with asyncio.timeout(5):
        while not machine.works_in(process, tmp_path):  # noqa: ASYNC110 - it enters the folder by itself
            await asyncio.sleep(0.01)
    assert not machine.works_in(process, tmp_path / "elsewhere")
    assert not list(machine.find({"penstock.pair": "another"}))


async def test_a_killed_process_is_gone_and_reaped(tmp_path: Path) -> None:
    process = machine.spawn(a_command(tmp_path, *SLEEP))

    await machine.kill([process])
    await machine.kill([process])

    assert not machine.is_alive(process)
    assert not Path(f"/proc/{process.pid}").exists()  # noqa: ASYNC240 - of the kernel


async def test_a_pid_that_was_given_out_again_is_another_process(tmp_path: Path, started: list[Process]) -> None:
    process = machine.spawn(a_command(tmp_path, *SLEEP))
    started.append(process)
    impostor = Process(process.pid, process.started - 1)

    machine.send(impostor, signal.SIGKILL)
    await machine.wait_gone([impostor], 1)

    assert machine.is_alive(process)
    assert not machine.is_alive(impostor)


async def test_an_exit_code_is_kept_until_it_is_buried(tmp_path: Path) -> None:
    process = machine.spawn(a_command(tmp_path, "/bin/sh", "-c", "exit 3"))

    async with asyncio.timeout(5):
        while machine.exit_code(process) is None:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)

    assert machine.exit_code(process) == 3
    await machine.wait_gone([process], 1)
    assert machine.exit_code(process) is None


async def test_a_start_in_a_folder_that_is_gone_comes_to_nothing(tmp_path: Path) -> None:
    command = Command(argv=SLEEP, env={}, folder=tmp_path / "gone", output=tmp_path / "out")

    process = machine.spawn(command)

    await machine.wait_gone([process], 5)


def test_ports_that_are_taken_are_not_given() -> None:
    first = machine.free_port(frozenset())

    assert machine.free_port(frozenset({first})) != first
