"""The application over the fakes of the use cases, asked over HTTP by a caller whom a fake gate knows."""

import json
from pathlib import Path

import httpx

from penstock.api.app import create_app
from penstock.api.office import Office
from penstock.api.uploads import UploadRoom
from penstock.domain.errors import Invalid, NotKnown
from penstock.domain.faults import FaultCode
from penstock.testing.builders import PROJECT
from usecases.house import ERRAND

JOBS = f"/v1.0/{PROJECT}/streaming/jobs"
CREATE = f"/v1.0/{PROJECT}/streaming/flink-jobs"
QUEUES = f"/v1.0/{PROJECT}/queues"
OURS = f"/penstock/v1/projects/{PROJECT}/jobs"
ENGLISH = {"X-Language": "en-us"}

GOLDEN = Path(__file__).parent / "golden"

# The request that the project is about, word for word but for bucket and topic, which have to be authorised first.
THE_REQUEST = {
    "name": "test",
    "desc": "job for test",
    "queue_name": "testQueue",
    "manager_cu_number": 1,
    "cu_number": 2,
    "parallel_number": 1,
    "restart_when_exception": False,
    "main_class": "org.apache.flink.examples.streaming.JavaQueueStream",
    "entrypoint": "javaQueueStream.jar",
    "dependency_jars": ["myGroup/test.jar", "myGroup/test1.jar"],
    "dependency_files": ["myGroup/test.csv", "myGroup/test1.csv"],
}


class OpenGate:
    """Knows whoever says `X-Auth-Token: good`; reads the body only after that."""

    async def known(self, request):
        if request.headers.get("x-auth-token") != "good":
            raise NotKnown.of(FaultCode.TOKEN_MISSING, "X-Auth-Token")
        return ERRAND.caller

    async def body(self, request, limit):
        body = await request.body()
        if len(body) > limit:
            raise Invalid.of(FaultCode.BODY_TOO_LARGE, limit=limit)
        return body


class Wire:
    """One caller's view of the service."""

    def __init__(self, house, folder, **office):
        self.house = house
        self._office = {"gate": OpenGate(), "uploads": UploadRoom(folder, house.ids), **office}
        self._desk = self._app_of_desk = None

    async def ask(self, method, path, body=None, **more):
        """`body` is sent as JSON; `content`, `data`, `files` and `params` are httpx's own."""
        headers = {"X-Auth-Token": "good"} | more.pop("headers", {})
        transport = httpx.ASGITransport(app=self._app())
        async with httpx.AsyncClient(transport=transport, base_url="http://penstock") as client:
            if body is not None:
                more["content"] = json.dumps(body)
                headers = {"Content-Type": "application/json"} | headers
            return await client.request(method, path, headers=headers, **more)

    def _app(self):
        """A new one only for a new desk: building one takes longer than most tests."""
        desk = self.house.desk
        if self._desk is not desk:
            self._desk, self._app_of_desk = desk, create_app(Office(desk=desk, **self._office))
        return self._app_of_desk

    async def create(self, headers=None, **changes):
        return await self.ask("POST", CREATE, THE_REQUEST | changes, headers=headers or {})


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def refusal(answer):
    """(status, error code) of DLI's error body."""
    assert set(answer.json()) == {"error_code", "error_msg"}
    return answer.status_code, answer.json()["error_code"]
