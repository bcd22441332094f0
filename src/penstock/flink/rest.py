"""Speaks Flink's REST with one cluster; what it cannot do raises EngineUnavailable, what it may refuse is an answer."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from penstock.domain.errors import EngineUnavailable
from penstock.domain.observation import SavepointNews, SavepointSeen
from penstock.domain.savepoint import SavepointId
from penstock.flink.root_cause import root_cause
from penstock.flink.states import JobView, savepoint_seen

_PATIENCE = 2.0  # seconds; a JobManager that lives answers in milliseconds
_UPLOAD_PATIENCE = 60.0
_KEPT = httpx.Limits(keepalive_expiry=120)  # the handshake costs more than the question


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
    """How many TaskManagers have come, and how many of their slots are free."""

    task_managers: int
    free_slots: int


class FlinkRest:
    """One connection pool; whoever makes it closes it."""

    def __init__(
        self, address: str, context: ssl.SSLContext | bool = True, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        # Proxies of the environment are not for a cluster that we started or were pointed at.
        self._http = httpx.AsyncClient(
            base_url=address, verify=context, trust_env=False, timeout=_PATIENCE, limits=_KEPT, transport=transport
        )
        self.address = address

    async def close(self) -> None:
        await self._http.aclose()

    async def cluster(self) -> ClusterView:
        body = _expect(await self._ask("GET", "/overview"))
        return ClusterView(task_managers=int(body["taskmanagers"]), free_slots=int(body["slots-available"]))

    async def jobs(self) -> dict[str, JobView]:
        """Every job that the cluster knows, the ended ones too; not cached by Flink."""
        body = _expect(await self._ask("GET", "/jobs/overview"))
        return {job["jid"]: _view(job) for job in body["jobs"]}

    async def job(self, job_id: str) -> JobView | None:
        return (await self.jobs()).get(job_id)

    async def document(self, job_id: str) -> dict[str, Any] | None:
        """Flink's own page of a job, or None."""
        answer = await self._ask("GET", f"/jobs/{job_id}")
        return None if answer.status_code == HTTPStatus.NOT_FOUND else _expect(answer)

    async def upload(self, jar: Path) -> str:
        """The jar's id."""
        with jar.open("rb") as file:
            part = {"jarfile": (f"{jar.stem[:40]}.jar", file, "application/x-java-archive")}
            answer = await self._ask("POST", "/jars/upload", files=part, timeout=_UPLOAD_PATIENCE)
        return str(_expect(answer)["filename"]).rpartition("/")[2]

    async def run(self, jar: str, submission: Submission) -> str | None:
        """None if the job was taken, else why not. Runs the user's main(), so it takes as long as that does."""
        answer = await self._ask("POST", f"/jars/{jar}/run", json=submission.body(), timeout=None)
        return None if answer.is_success else root_cause(_errors(answer))

    async def delete_jar(self, jar: str) -> None:
        await self._ask("DELETE", f"/jars/{jar}")

    async def cancel(self, job_id: str) -> None:
        """A job that is unknown or has ended is no error."""
        await self._ask("PATCH", f"/jobs/{job_id}?mode=cancel")

    async def failure(self, job_id: str) -> str:
        """The root cause of a job's end, or nothing."""
        answer = await self._ask("GET", f"/jobs/{job_id}/exceptions?maxExceptions=1")
        return root_cause(str(answer.json().get("root-exception") or "")) if answer.is_success else ""

    async def completed_checkpoints(self, job_id: str) -> int:
        answer = await self._ask("GET", f"/jobs/{job_id}/checkpoints")
        return int(answer.json()["counts"]["completed"]) if answer.is_success else 0

    async def restarts(self, job_id: str) -> int:
        """How often the job was restarted in place, as far as the metrics know by now."""
        answer = await self._ask("GET", f"/jobs/{job_id}/metrics?get=numRestarts")
        values = answer.json() if answer.is_success else []
        return int(values[0]["value"]) if values and "value" in values[0] else 0

    async def take_savepoint(self, job_id: str, savepoint: SavepointId, folder: str) -> str:
        """Nothing if it was taken on, else why not; the same id again makes no second one."""
        body = {"triggerId": savepoint, "target-directory": folder, "cancel-job": False}
        return _refusal(await self._ask("POST", f"/jobs/{job_id}/savepoints", json=body))

    async def stop_with_savepoint(self, job_id: str, savepoint: SavepointId, folder: str) -> str:
        body = {"triggerId": savepoint, "targetDirectory": folder, "drain": False}
        return _refusal(await self._ask("POST", f"/jobs/{job_id}/stop", json=body))

    async def savepoint(self, job_id: str, savepoint: SavepointId) -> SavepointNews:
        answer = await self._ask("GET", f"/jobs/{job_id}/savepoints/{savepoint}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return SavepointNews(SavepointSeen.UNKNOWN)
        body = _expect(answer)
        operation = body.get("operation") or {}
        if "failure-cause" in operation:
            said = root_cause(str(operation["failure-cause"].get("stack-trace", "")))
            return SavepointNews(SavepointSeen.FAILED, said=said)
        return SavepointNews(savepoint_seen(str(body["status"]["id"])), path=str(operation.get("location", "")))

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **options)
        except httpx.HTTPError as exc:
            raise EngineUnavailable(f"Flink does not answer {method} {path}: {exc or type(exc).__name__}") from exc


def _view(job: Mapping[str, Any]) -> JobView:
    return JobView(
        id=job["jid"], state=job["state"], tasks=job["tasks"], changed_at_ms=int(job.get("last-modification", 0))
    )


def _expect(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise EngineUnavailable(f"Flink answered {answer.status_code}: {root_cause(_errors(answer))}")
    return _object(answer)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError as exc:
        raise EngineUnavailable("What answers is not Flink") from exc
    if not isinstance(body, dict):
        raise EngineUnavailable("What answers is not Flink")
    return body


def _refusal(answer: httpx.Response) -> str:
    return "" if answer.is_success else root_cause(_errors(answer)) or f"Flink answered {answer.status_code}"


def _errors(answer: httpx.Response) -> str:
    try:
        errors = answer.json()["errors"]
    except (ValueError, KeyError, TypeError):
        return answer.text
    # The last one carries the stack; before it stands a heading such as "Internal server error.".
    return str(errors[-1]) if errors else ""
