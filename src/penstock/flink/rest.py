"""Speaks Flink's REST with one cluster; what it cannot do raises EngineUnavailable, what it may refuse is an answer."""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import httpx

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import SavepointNews, SavepointSeen
from penstock.domain.savepoint import SavepointId
from penstock.flink.answers import is_own_no, read, refusal_of, silence, trouble_of
from penstock.flink.root_cause import root_cause
from penstock.flink.states import JobView, savepoint_seen

T = TypeVar("T")

_PATIENCE = 2.0  # seconds; a JobManager that lives answers in milliseconds
_UPLOAD_PATIENCE = 60.0
_KEPT = httpx.Limits(keepalive_expiry=120)  # the handshake costs more than the question
_JAVA = re.compile(r" - (?:1\.)?(\d+)(?:\.\d+)*/")
_JAR_GONE = re.compile(r"^Jar file \S+ does not exist\Z")
_NOWHERE = "<checkpoint-not-externally-addressable>"
# A kept connection may be closed, by Flink or a proxy before it, in the moment in which it is used again.
_HUNG_UP = (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What `/jars/:id/run` is told."""

    job_id: str
    main_class: str
    arguments: Sequence[str]
    parallelism: int
    config: Mapping[str, str] = field(default_factory=dict)
    savepoint: str = ""

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "jobId": self.job_id,
            "entryClass": self.main_class,
            "programArgsList": list(self.arguments),
            "parallelism": self.parallelism,
            "flinkConfiguration": dict(self.config),
        }
        return body | ({"savepointPath": self.savepoint} if self.savepoint else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterView:
    """Which Flink it is, how many TaskManagers have come, and how many slots they have."""

    task_managers: int
    slots: int
    free_slots: int
    version: str = ""  # such as 1.20.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a cluster wants to be spoken to."""

    context: ssl.SSLContext | bool = True
    login: tuple[str, str] | None = field(default=None, repr=False)  # user name and password
    patience: float = _PATIENCE  # seconds


class FlinkRest:
    """One connection pool; whoever makes it closes it."""

    def __init__(
        self, address: str, manners: Manners | None = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        manners = manners or Manners()
        # Proxies of the environment are not for a cluster that we started or were pointed at.
        self._http = httpx.AsyncClient(
            base_url=address,
            verify=manners.context,
            auth=manners.login,
            trust_env=False,
            timeout=manners.patience,
            limits=_KEPT,
            transport=transport,
        )
        self.address = address

    async def close(self) -> None:
        await self._http.aclose()

    async def cluster(self) -> ClusterView:
        return read(await self._ask("GET", "/overview"), _cluster)

    async def java(self) -> int | None:
        """The Java that runs the JobManager, None where Flink does not tell (before 1.16)."""
        answer = await self._ask("GET", "/jobmanager/environment")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        found = _JAVA.search(read(answer, lambda body: str(body["jvm"]["version"])))
        return int(found[1]) if found else None

    async def jobs(self) -> dict[str, JobView]:
        """Every job that the cluster knows, the ended ones too; not cached by Flink."""
        return read(
            await self._ask("GET", "/jobs/overview"), lambda body: {job["jid"]: _view(job) for job in body["jobs"]}
        )

    async def job(self, job_id: str) -> JobView | None:
        return (await self.jobs()).get(job_id)

    async def document(self, job_id: str) -> dict[str, Any] | None:
        """Flink's own page of a job, or None."""
        answer = await self._ask("GET", f"/jobs/{job_id}")
        return None if answer.status_code == HTTPStatus.NOT_FOUND else read(answer, dict)

    async def slots_wanted(self, job_id: str) -> int:
        """How many slots a job takes: the largest parallelism in each of its slot sharing groups."""
        document = await self._ask("GET", f"/jobs/{job_id}")
        return 0 if document.status_code == HTTPStatus.NOT_FOUND else read(document, _slots)

    async def upload(self, jar: Path, name: str) -> str:
        """The jar's id; `name` is what it is found by again."""
        with jar.open("rb") as file:
            part = {"jarfile": (f"{name}.jar", file, "application/x-java-archive")}
            answer = await self._ask("POST", "/jars/upload", files=part, timeout=_UPLOAD_PATIENCE)
        return read(answer, lambda body: str(body["filename"]).rpartition("/")[2])

    async def run(self, jar: str, submission: Submission) -> str | None:
        """None if the job was taken, else why not. Runs the user's main(), so it takes as long as that does."""
        answer = await self._ask("POST", f"/jars/{jar}/run", json=submission.body(), timeout=None)
        refusal = refusal_of(answer)
        if _JAR_GONE.search(refusal):
            raise EngineUnavailable("The JobManager was started anew, and does not have the jar any more")
        return refusal or None

    async def delete_jar(self, jar: str) -> None:
        await self._ask("DELETE", f"/jars/{jar}")

    async def delete_jars(self, name: str) -> None:
        """Every one that was uploaded under this name."""
        uploaded = read(
            await self._ask("GET", "/jars"), lambda body: [(jar["id"], jar["name"]) for jar in body["files"]]
        )
        for jar in [jar for jar, known in uploaded if known == f"{name}.jar"]:
            await self.delete_jar(jar)

    async def cancel(self, job_id: str) -> None:
        """A job that is unknown or has ended is no error."""
        answer = await self._ask("PATCH", f"/jobs/{job_id}?mode=cancel")
        if not answer.is_success and answer.status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
            raise EngineUnavailable(trouble_of(answer))

    async def failure(self, job_id: str) -> str:
        """The root cause of a job's end, or nothing."""
        answer = await self._ask("GET", f"/jobs/{job_id}/exceptions?maxExceptions=1")
        return root_cause(_of_known(answer, lambda body: str(body.get("root-exception") or ""), ""))

    async def is_pictured_failed(self, job_id: str) -> bool:
        """Flink answers questions about one job from a picture of it, which `web.refresh-interval` lets grow old."""
        return (await self.document(job_id) or {}).get("state") in {None, "FAILED"}

    async def completed_checkpoints(self, job_id: str) -> int:
        answer = await self._ask("GET", f"/jobs/{job_id}/checkpoints")
        return _of_known(answer, lambda body: int(body["counts"]["completed"]), 0)

    async def newest_checkpoint(self, job_id: str) -> str:
        """Where the newest completed one lies; nothing if there is none, or Flink keeps it to itself."""
        answer = await self._ask("GET", f"/jobs/{job_id}/checkpoints")
        path = _of_known(answer, _checkpoint, "")
        return "" if path == _NOWHERE else path

    async def restarts(self, job_id: str) -> int:
        """How often the job was restarted in place, as far as the metrics know by now."""
        answer = await self._ask("GET", f"/jobs/{job_id}/metrics?get=numRestarts")
        with suppress(ValueError, LookupError, TypeError):
            return int(answer.json()[0]["value"]) if answer.is_success else 0
        return 0

    async def attempts(self, job_id: str) -> int:
        """How often one of its tasks was deployed again, as the execution graph knows."""
        document = await self.document(job_id) or {}
        vertices = [vertex["id"] for vertex in document.get("vertices", ())]
        answers = await asyncio.gather(*(self._ask("GET", f"/jobs/{job_id}/vertices/{vertex}") for vertex in vertices))
        return max((_of_known(answer, _attempt, 0) for answer in answers), default=0)

    async def take_savepoint(self, job_id: str, savepoint: SavepointId, folder: str) -> str:
        """Nothing if it was taken on, else why not; the same id again makes no second one."""
        body = {"triggerId": savepoint, "target-directory": folder, "cancel-job": False}
        return refusal_of(await self._ask("POST", f"/jobs/{job_id}/savepoints", json=body))

    async def stop_with_savepoint(self, job_id: str, savepoint: SavepointId, folder: str) -> str:
        body = {"triggerId": savepoint, "targetDirectory": folder, "drain": False}
        return refusal_of(await self._ask("POST", f"/jobs/{job_id}/stop", json=body))

    async def savepoint(self, job_id: str, savepoint: SavepointId) -> SavepointNews:
        answer = await self._ask("GET", f"/jobs/{job_id}/savepoints/{savepoint}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return SavepointNews(SavepointSeen.UNKNOWN)
        return read(answer, _savepoint)

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return await self._request(method, path, **options)
        except (httpx.HTTPError, OSError) as exc:  # an alert of TLS comes as it is: httpcore 1.0 does not translate it
            raise EngineUnavailable(silence(exc, f"{method} {path}")) from exc

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """What can be said twice is said again, once, to who hung up."""
        try:
            return await self._http.request(method, path, **options)
        except _HUNG_UP:
            if method == "POST":
                raise
            return await self._http.request(method, path, **options)


def _of_known(answer: httpx.Response, take: Callable[[dict[str, Any]], T], otherwise: T) -> T:
    """What Flink says of a job, or `otherwise` if it says that it cannot."""
    return otherwise if is_own_no(answer) else read(answer, take)


def _view(job: Mapping[str, Any]) -> JobView:
    return JobView(
        id=job["jid"], state=job["state"], tasks=job["tasks"], changed_at_ms=int(job.get("last-modification", 0))
    )


def _cluster(body: Mapping[str, Any]) -> ClusterView:
    return ClusterView(
        task_managers=int(body["taskmanagers"]),
        slots=int(body["slots-total"]),
        free_slots=int(body["slots-available"]),
        version=str(body.get("flink-version", "")),
    )


def _slots(body: Mapping[str, Any]) -> int:
    """Before 1.17 Flink does not tell the groups: then all operators are taken to share theirs, as by default."""
    widest: dict[str, int] = {}
    for vertex in body["vertices"]:
        group = str(vertex.get("slotSharingGroupId", ""))
        widest[group] = max(widest.get(group, 0), int(vertex["parallelism"]))
    return sum(widest.values())


def _attempt(body: Mapping[str, Any]) -> int:
    return max((int(task["attempt"]) for task in body["subtasks"]), default=0)


def _checkpoint(body: Mapping[str, Any]) -> str:
    completed = (body["latest"] or {}).get("completed") or {}
    return str(completed.get("external_path", ""))


def _savepoint(body: Mapping[str, Any]) -> SavepointNews:
    operation = body.get("operation") or {}
    if "failure-cause" in operation:
        said = root_cause(str(operation["failure-cause"].get("stack-trace", "")))
        return SavepointNews(SavepointSeen.FAILED, said=said)
    return SavepointNews(savepoint_seen(str(body["status"]["id"])), path=str(operation.get("location", "")))
