"""A stock Flink session cluster from the same parts, and Flink's own two ways to give it a job: REST and command line.

Flags and sizes are those that Flink's start scripts compute for a default configuration: G1, no class archives, a
JobManager of 1600 MB, a TaskManager of 1728 MB.
"""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from penstock.flink.distribution import Flink, Java, find_flink, find_java

STEP = 0.03  # seconds between two looks; part of every figure
_EXPORTS = ("java.base/sun.net.util", "java.rmi/sun.rmi.registry", "java.security.jgss/sun.security.krb5")
_OPENED = "lang net io nio lang.reflect text time util util.concurrent util.concurrent.atomic util.concurrent.locks"
_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_WORKER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_CLIENT = "org.apache.flink.client.cli.CliFrontend"
_MANAGER_FLAGS = ("-Xmx1073741824", "-Xms1073741824", "-XX:MaxMetaspaceSize=268435456")
_WORKER_FLAGS = (
    *("-XX:+UseG1GC", "-Xmx536870902", "-Xms536870902"),
    *("-XX:MaxDirectMemorySize=268435458", "-XX:MaxMetaspaceSize=268435456"),
)
_SIZES = {
    "taskmanager.cpu.cores": "1.0",
    "taskmanager.memory.framework.heap.size": "134217728b",
    "taskmanager.memory.task.heap.size": "402653174b",
    "taskmanager.memory.framework.off-heap.size": "134217728b",
    "taskmanager.memory.task.off-heap.size": "0b",
    "taskmanager.memory.network.min": "134217730b",
    "taskmanager.memory.network.max": "134217730b",
    "taskmanager.memory.managed.size": "536870920b",
    "taskmanager.memory.jvm-metaspace.size": "268435456b",
    "taskmanager.memory.jvm-overhead.min": "201326592b",
    "taskmanager.memory.jvm-overhead.max": "201326592b",
    "external-resources": "none",
}
_LOG = """rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = File
appender.file.fileName = ${sys:log.file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
"""
_JOB_ID = re.compile(r"JobID ([0-9a-f]{32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is run."""

    jar: Path
    main_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A warm session cluster."""

    folder: Path
    flink: Flink
    java: Java
    http: httpx.Client

    # --- by REST ---

    def run_by_rest(self, job: Job) -> str:
        """Uploads and runs; the job's id once every task runs."""
        with job.jar.open("rb") as content:
            uploaded = self._expect("POST", "/jars/upload", files={"jarfile": (job.jar.name, content)})
        jar = uploaded["filename"].rpartition("/")[2]
        asked = {"entryClass": job.main_class, "parallelism": 1}
        job_id = str(self._expect("POST", f"/jars/{jar}/run", json=asked)["jobid"])
        self.until_running(job_id)
        return job_id

    def cancel_by_rest(self, job_id: str) -> None:
        self._expect("PATCH", f"/jobs/{job_id}?mode=cancel")
        self.until_canceled(job_id)

    # --- by command line ---

    def run_by_command(self, job: Job) -> str:
        """`flink run -d`; the job's id once every task runs."""
        said = self._command("run", "-d", "-m", self._address, "-p", "1", "-c", job.main_class, str(job.jar))
        found = _JOB_ID.search(said)
        if found is None:
            raise RuntimeError(f"Flink's command line named no job: {said}")
        self.until_running(found[1])
        return found[1]

    def cancel_by_command(self, job_id: str) -> None:
        self._command("cancel", "-m", self._address, job_id)
        self.until_canceled(job_id)

    # --- what Flink says ---

    def until_running(self, job_id: str) -> None:
        def runs() -> bool:
            job = self._job(job_id)
            return job is not None and job["tasks"]["running"] == job["tasks"]["total"] > 0

        until(runs, f"job {job_id} runs")

    def until_canceled(self, job_id: str) -> None:
        until(lambda: (self._job(job_id) or {}).get("state") == "CANCELED", f"job {job_id} is cancelled")

    def has_a_slot(self) -> bool:
        try:
            return bool(self._expect("GET", "/overview")["slots-available"])
        except (httpx.HTTPError, RuntimeError):
            return False

    @property
    def _address(self) -> str:
        return f"127.0.0.1:{self.http.base_url.port}"

    def _job(self, job_id: str) -> dict[str, Any] | None:
        jobs = self._expect("GET", "/jobs/overview")["jobs"]
        return next((job for job in jobs if job["jid"] == job_id), None)

    def _expect(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self.http.request(method, path, **options)
        if not answer.is_success:
            raise RuntimeError(f"Flink answered {answer.status_code}: {answer.text[:500]}")
        return dict(answer.json())

    def _command(self, *arguments: str) -> str:
        command = [*_java(self.flink, self.java, self.folder, "client", ()), _CLIENT, *arguments]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        if ended.returncode:
            raise RuntimeError(f"Flink's command line failed: {ended.stdout}{ended.stderr}")
        return ended.stdout

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "FLINK_CONF_DIR": str(self.folder / "conf"),
            "FLINK_LIB_DIR": str(self.flink.home / "lib"),
            "FLINK_PLUGINS_DIR": str(self.flink.plugins),
        }


@contextmanager
def a_session(folder: Path) -> Iterator[Session]:
    """Started and warm; its processes are ended by pid."""
    rest, rpc = _free_port(), _free_port()
    _configure(folder, rest, rpc)
    flink, java = find_flink(None, os.environ), find_java(None, os.environ)
    with httpx.Client(base_url=f"http://127.0.0.1:{rest}", trust_env=False, timeout=60) as http:
        session = Session(folder=folder, flink=flink, java=java, http=http)
        started: list[subprocess.Popen[bytes]] = []
        try:
            for role, flags, program in _processes(folder):
                command = [*_java(flink, java, folder, role, flags), *program]
                with (folder / f"{role}.out").open("wb") as out:
                    started.append(subprocess.Popen(command, env=session.environment, stdout=out, stderr=out))
            until(session.has_a_slot, "the session cluster is up")
            yield session
        finally:
            for process in started:
                process.kill()
                process.wait()


def until(look: Callable[[], bool], what: str, limit: float = 180.0) -> None:
    end = time.monotonic() + limit
    while not look():
        if time.monotonic() > end:
            raise RuntimeError(f"Not within {limit:.0f} s: {what}")
        time.sleep(STEP)


def _processes(folder: Path) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    where = ["--configDir", str(folder / "conf")]
    sizes = [word for key, value in _SIZES.items() for word in ("-D", f"{key}={value}")]
    yield "jobmanager", _MANAGER_FLAGS, [_MANAGER, *where, "--executionMode", "cluster"]
    yield "taskmanager", _WORKER_FLAGS, [_WORKER, *where, *sizes]


def _java(flink: Flink, java: Java, folder: Path, role: str, flags: tuple[str, ...]) -> list[str]:
    opened = [f"java.base/java.{package}" for package in _OPENED.split()]
    return [
        str(java.binary),
        *flags,
        f"-Dlog.file={folder / role}.log",
        f"-Dlog4j.configurationFile=file:{folder / 'conf' / 'log4j.properties'}",
        *(f"--add-exports={module}=ALL-UNNAMED" for module in _EXPORTS),
        *(f"--add-opens={module}=ALL-UNNAMED" for module in opened),
        "-classpath",
        ":".join(map(str, flink.jars)),
    ]


def _configure(folder: Path, rest: int, rpc: int) -> None:
    """As shipped, but for the ports, which may be taken, and the places of files, so that nothing is left."""
    config = {
        "jobmanager.rpc.address": "127.0.0.1",
        "jobmanager.rpc.port": rpc,
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.port": rest,
        "taskmanager.host": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": 1,
        "io.tmp.dirs": folder / "tmp",
        "web.tmpdir": folder / "tmp",
    }
    for name in ("conf", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "conf" / "config.yaml").write_text("".join(f"{key}: {value}\n" for key, value in config.items()))
    (folder / "conf" / "log4j.properties").write_text(_LOG)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
