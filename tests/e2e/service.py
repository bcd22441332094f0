"""A real service process with a state directory of its own: started, killed, started again, and nothing of it left."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from e2e.places import Pairs
from e2e.scenery import Scenery
from penstock.api.signatures import UNSIGNED_PAYLOAD, sign

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
TEST_JOBS = ROOT / "tests" / "jars" / "testjobs.jar"
QUEUE = "testQueue"
SETTLED = frozenset({"job_cancel_success", "job_finish", "job_submit_fail", "job_running_exception"})
PATIENCE = 180.0  # seconds; a loaded machine starts Flink ten times slower than a quiet one
_ANSWERS = re.compile(r"^Penstock answers at (http\S+)\n", re.MULTILINE)
SMALL = """
[api]
create_wait = 0
[places.here]
cu_memory = "512m"
pool_size = 0
"""


class Service:
    """`penstock serve` in a process, and what a caller, an operator and the operating system see of it."""

    def __init__(self, folder: Path, settings: str, scenery: Scenery | None = None) -> None:
        self.state = folder / "state"
        self.scenery = scenery or Scenery()
        self.place = self.scenery.place(self.state)
        self.log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._http: httpx.Client | None = None
        self._real_buckets: dict[str, str] = {}
        (self.state / "places" / "here").mkdir(mode=0o700, parents=True)
        (self.state / "penstock.toml").write_text(self.scenery.furnish(self.state, settings))

    @property
    def pairs(self) -> Pairs:
        """The processes of the local engine, for tests that need them."""
        return Pairs(self.state)

    # --- the process ---

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        command = [sys.executable, "-m", "penstock", "serve", "--state", str(self.state), "--port", "0"]
        with self.log.open("ab") as log:
            already = log.tell()
            environment = clean() | self.scenery.environment
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        endpoint = wait_for(lambda: self._answered_at(already), "the service answers")
        self._http = httpx.Client(base_url=endpoint, verify=self._trust(), trust_env=False, timeout=90)
        wait_for(lambda: self._http is not None and self._http.get("/readyz").is_success, "the service is ready")

    def kill(self) -> None:
        """As a crash does it."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """As an operator does it; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._http is not None:
            self._http.close()
            self._http = None
        self._process.send_signal(number)
        code = self._process.wait(60)
        self._process = None
        return code

    def _answered_at(self, already: int) -> str | None:
        assert self._process is not None
        said = self.log.read_bytes()[already:].decode("utf-8", "replace")
        if self._process.poll() is not None:
            raise AssertionError(f"The service ended with exit code {self._process.returncode}: {said}")
        found = _ANSWERS.search(said)
        return found[1] if found else None

    def _trust(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=self.profile["ca"]) if "ca" in self.profile else True

    # --- what a caller sees ---

    @property
    def profile(self) -> dict[str, str]:
        return dict(json.loads((self.state / "profile.json").read_text()))

    @property
    def endpoint(self) -> str:
        return self.profile["endpoint"]

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, Any] | None = None,
        language: str = "en-us",
    ) -> httpx.Response:
        """One signed request; `{project}` in the path is the operator's project."""
        assert self._http is not None
        return self._http.send(self.request(self._http, method, path, body, query, language))

    def request(
        self,
        http: httpx.Client | httpx.AsyncClient,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, Any] | None = None,
        language: str = "en-us",
    ) -> httpx.Request:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-Language": language}
        request = http.build_request(method, self.path(path), params=query, content=content, headers=headers)
        return self._signed(request, headers, content)

    def upload(self, file: Path, group: str = "") -> httpx.Response:
        assert self._http is not None
        with file.open("rb") as content:
            request = self._http.build_request(
                "POST",
                self.path("/penstock/v1/projects/{project}/packages"),
                data={"group": group} if group else {},
                files={"file": (file.name, content)},
                headers={"X-Sdk-Content-Sha256": UNSIGNED_PAYLOAD},
            )
            names = ("Content-Type", "X-Sdk-Content-Sha256")
            return self._http.send(self._signed(request, {name: request.headers[name] for name in names}, b""))

    def _signed(self, request: httpx.Request, headers: Mapping[str, str], content: bytes) -> httpx.Request:
        keys = self.profile["access_key"], self.profile["secret_key"]
        request.headers.update(sign(request.method, str(request.url), headers, content, *keys, datetime.now(UTC)))
        return request

    def path(self, path: str) -> str:
        return path.replace("{project}", self.profile["project_id"])

    def answered(self, method: str, path: str, body: object = None, query: Mapping[str, Any] | None = None) -> Any:
        """The document of a request that must succeed."""
        answer = self.ask(method, path, body, query)
        assert answer.is_success, answer.text
        return answer.json()

    # --- jobs ---

    def make_queue(self, name: str = QUEUE, cus: int = 64) -> None:
        asked = {"queue_name": name, "queue_type": "general", "resource_mode": 1, "charging_mode": 1, "cu_count": cus}
        self.answered("POST", "/v1.0/{project}/queues", asked)

    def create(self, job: Mapping[str, object]) -> int:
        return int(self.answered("POST", "/v1.0/{project}/streaming/flink-jobs", job)["job"]["job_id"])

    def explain(self, job: int) -> dict[str, Any]:
        return dict(self.answered("GET", f"/penstock/v1/projects/{{project}}/jobs/{job}"))

    def history(self, job: int) -> list[str]:
        found = self.answered("GET", f"/penstock/v1/projects/{{project}}/jobs/{job}/history", query={"limit": 1000})
        return [fact["what"] for fact in found["facts"]]

    def until(self, job: int, *statuses: str) -> dict[str, Any]:
        """The explanation once the job has one of the statuses; another end fails at once."""

        def arrived() -> dict[str, Any] | None:
            found = self.explain(job)
            if found["status"] in statuses:
                return found
            assert found["status"] not in SETTLED, found
            return None

        return wait_for(arrived, f"job {job} is {' or '.join(statuses)}", lambda: self.explain(job))

    def until_running(self, job: int) -> dict[str, Any]:
        return self.until(job, "job_running")

    def stop_job(self, job: int) -> dict[str, Any]:
        self.answered("POST", "/v1.0/{project}/streaming/jobs/stop", {"job_ids": [job]})
        return self.until(job, "job_cancel_success")

    def delete(self, *jobs: int) -> None:
        for job in jobs:
            self.answered("DELETE", f"/v1.0/{{project}}/streaming/jobs/{job}")

    def delete_all(self) -> None:
        while page := self.answered("GET", "/v1.0/{project}/streaming/jobs", query={"limit": 100})["job_list"]["jobs"]:
            self.delete(*(job["job_id"] for job in page))

    # --- what is seen beside the service ---

    def alive_of(self, job: int) -> set[str]:
        """What is alive of the job's newest run, by what its place calls it."""
        return self.place.alive_of(self.run_of(job))

    def run_of(self, job: int) -> str:
        return str(self.explain(job)["run"]["id"])

    def until_nothing_is_left_of(self, run: str) -> None:
        wait_for(lambda: run not in self.place.held(), f"nothing is left of run {run}")

    def until_no_runs(self) -> None:
        """The place has nothing of any run."""
        wait_for(lambda: not self.place.held(), "no run has anything left", self.place.held)

    def make_bucket(self, name: str) -> None:
        """A bucket of the operator's project that jobs may name; where the store wants that, an operator maps it."""
        path = f"/penstock/v1/projects/{{project}}/buckets/{name}"
        if self.scenery.s3 is not None:
            made = self.answered("PUT", f"{path}/location", {"location": self.real_bucket(name)})
        else:
            made = self.answered("PUT", path)
        if not made["authorised"]:
            self.answered("POST", "/v1.0/{project}/dli/obs-authorize", {"obs_buckets": [name]})

    def real_bucket(self, name: str) -> str:
        """The store's own bucket that holds this one; the same whenever it is asked for."""
        assert self.scenery.s3 is not None
        if name not in self._real_buckets:
            self._real_buckets[name] = self.scenery.s3.new_bucket()
        return self._real_buckets[name]

    def tidy(self) -> None:
        """As at the beginning, whatever the last test did."""
        if self._process is None:
            self.start()
        self.delete_all()
        self.until_no_runs()

    def end(self) -> None:
        """Everything ends, and nothing is left of it; a test that broke half-way leaves nothing either."""
        ports = self.pairs.ports()
        try:
            if self._process is not None and self._process.poll() is None:
                self.tidy()
                assert self.stop() == 0
            assert self.place.left() == []
            assert not [port for port in ports if _listens(port)]
            assert list(self.state.glob("uploads/*")) == []
        finally:
            if self._process is not None:
                self.kill()
            self.place.clear_away()


@contextmanager
def a_service(folder: Path, settings: str = SMALL, scenery: Scenery | None = None) -> Iterator[Service]:
    """Started, with the test jobs as a package and a queue for them; ended after the block."""
    service = Service(folder, settings, scenery)
    try:
        service.start()
        assert service.upload(TEST_JOBS).status_code == 201
        service.make_queue()
        yield service
    finally:
        service.end()


def a_job(name: str, main: str = "Unbounded", arguments: str = "", **fields: object) -> dict[str, object]:
    """The request for one of the test jobs."""
    basis = {"queue_name": QUEUE, "entrypoint": TEST_JOBS.name, "entrypoint_args": arguments}
    return {"name": name, "main_class": f"io.penstock.testjobs.{main}", **basis, **fields}


def wait_for(
    look: Callable[[], T | None], what: str, tell: Callable[[], object] = lambda: "", limit: float = PATIENCE
) -> T:
    """What `look` finds, once it finds something; another process is waited for, so there is nothing to hear."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"Not within {limit:.0f} s: {what}. {tell()}")


def clean() -> dict[str, str]:
    """The environment without settings that whoever runs the tests may have."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
