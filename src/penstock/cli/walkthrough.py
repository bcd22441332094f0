"""The example, step by step, as any caller would do it: packages, queue, bucket, topic, job; through HTTP alone.

Every step first looks at what is there, so that a second walk changes nothing and is quick.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import as_file, files
from typing import Any

from penstock.cli import buckets, jobs, logs, packages, queues, topics, words
from penstock.cli.client import Client
from penstock.cli.trouble import ExitCode, Trouble

Say = Callable[[str], None]
Pause = Callable[[float], None]

_EXAMPLE = files("penstock.cli") / "example"
_PACKAGES = (
    (None, "javaQueueStream.jar"),
    ("myGroup", "test.jar"),
    ("myGroup", "test1.jar"),
    ("myGroup", "test.csv"),
    ("myGroup", "test1.csv"),
)
_QUEUE_CUS = 16
_START_LIMIT = 300  # looks, one a pause: a first start makes its class archives, on a small machine for minutes
_FLOW_LIMIT = 60
_LOG_LIMIT = 90  # logs are copied within a minute
_LOG_LINES = 4
_LOG_WIDTH = 140
_PAUSE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One walk through the example."""

    client: Client
    say: Say
    pause: Pause  # raises when the walk should end

    def to_a_job(self) -> int:
        """The id of the example's job, with all that it needs in place, and asked to run."""
        self._put_packages()
        self._put_queue()
        self._put_bucket()
        self._put_topic()
        return self._put_job()

    def _put_packages(self) -> None:
        there = {
            (found["group"] or None, found["name"]): found["sha256"] for found in packages.all_packages(self.client)
        }
        for group, name in _PACKAGES:
            content = _EXAMPLE / name
            full = packages.full_name(group, name)
            if there.get((group, name)) == hashlib.sha256(content.read_bytes()).hexdigest():
                self.say(f"Package {full} is in place.")
                continue
            with as_file(content) as file:
                packages.put(self.client, file, group=group, quiet=True)
            self.say(f"Package {full} is uploaded.")

    def _put_queue(self) -> None:
        name = str(request()["queue_name"])
        if any(queue["queue_name"].lower() == name.lower() for queue in queues.all_queues(self.client)):
            self.say(f"Queue {name} is in place.")
            return
        queues.make(self.client, name, _QUEUE_CUS)
        self.say(f"Queue {name} is created, with {_QUEUE_CUS} CUs.")

    def _put_bucket(self) -> None:
        name = str(request()["obs_bucket"])
        if any(bucket["name"] == name and bucket["authorised"] for bucket in buckets.all_buckets(self.client)):
            self.say(f"Bucket {name} is in place.")
            return
        buckets.make(self.client, name, authorize=True)
        self.say(f"Bucket {name} is made, and jobs may name it.")

    def _put_topic(self) -> None:
        name = str(request()["smn_topic"])
        if topics.find(self.client, name):
            self.say(f"Topic {name} is in place.")
            return
        topics.make(self.client, name)
        self.say(f"Topic {name} is created.")

    def _put_job(self) -> int:
        asked = request()
        found = jobs.find(self.client, str(asked["name"]))
        if found is None:
            self.say("Sending the request:")
            self.say(json.dumps(asked, indent=2))
            made = self.client.call("POST", "/v1.0/{project}/streaming/flink-jobs", body=asked)["job"]
            self.say(f"Job {made['job_id']} is created: {words.status(made['status_name'])}.")
            found = {"job_id": made["job_id"], "status": made["status_name"]}
        number = int(found["job_id"])
        if found["status"] in words.RESTING:
            self.client.call("POST", "/v1.0/{project}/streaming/jobs/run", body={"job_ids": [number]})
            self.say(f"Job {number} rested ({words.status(found['status'])}); it is asked to run.")
        return number

    def until_it_runs(self, number: int) -> None:
        """Tells each reason why it does not run yet. Raises Trouble when it cannot run."""
        said = ""
        for _ in range(_START_LIMIT):
            found = self._explained(number)
            if found["status"] in words.RUNNING:
                self.say(f"Job {number} is RUNNING.")
                return
            if found["status"] in words.BROKEN:
                break
            reason = found["reason"]["text"] if found.get("reason") else words.status(found["status"])
            if reason != said:
                self.say(f"Job {number} does not run yet: {reason}")
                said = reason
            self.pause(_PAUSE)
        raise Trouble(
            f"Job {number} does not run: {found['status_desc'] or words.status(found['status'])}",
            f"see why: {words.command()} job explain {number}",
            ExitCode.OURS,
        )

    def _explained(self, number: int) -> dict[str, Any]:
        return dict(self.client.call("GET", f"/penstock/v1/projects/{{project}}/jobs/{number}"))

    def status_of(self, number: int) -> str:
        """The wire's word for where the job is; empty if it is no longer there."""
        try:
            return str(self._explained(number)["status"])
        except Trouble as trouble:
            if trouble.facts.get("status") == HTTPStatus.NOT_FOUND:
                return ""
            raise

    def shows_records(self, number: int) -> None:
        """Shows the counts that Flink gives, until they have grown twice; Flink takes them every few seconds."""
        grown, last = 0, -1
        for _ in range(_FLOW_LIMIT):
            graph = jobs.execution_graph(self.client, number)
            written = records(graph)
            if written > max(last, 0):
                self.say(f"Records written so far: {counts(graph)}")
                grown, last = grown + 1, written
            if grown == 3:
                return
            self.pause(_PAUSE)
        self.say("Flink gives no growing counts yet; look again later.")

    def shows_logs(self, number: int) -> None:
        """Shows how the job's log begins, once it lies in the bucket."""
        bucket = request()["obs_bucket"]
        for _ in range(_LOG_LIMIT):
            if lines := logs.first_lines(self.client, number, _LOG_LINES):
                self.say(f"Its logs are in bucket {bucket}, and begin:")
                for line in lines:
                    self.say(f"  {line[:_LOG_WIDTH]}")
                return
            self.pause(_PAUSE)
        self.say(f"Its logs are not in bucket {bucket} yet; look again later.")

    def says_who_is_told(self) -> None:
        """Where an alarm would go if the job broke."""
        name = str(request()["smn_topic"])
        told = [found["endpoint"] for found in topics.subscriptions_of(self.client, name) if found["status"] in (1, 2)]
        if told:
            self.say(f"If it breaks, topic {name} tells {', '.join(told)}.")
            return
        ask = f"{words.command()} topic subscribe {name} URL-OR-MAIL-ADDRESS"
        self.say(f"If it breaks, topic {name} is told, which nobody hears yet: {ask}")


def request() -> dict[str, object]:
    """The request of the example, as it is sent."""
    return dict(json.loads((_EXAMPLE / "request.json").read_text(encoding="utf-8")))


def records(graph: dict[str, Any] | None) -> int:
    """The records that all operators have handed on."""
    return sum(vertex.get("metrics", {}).get("write-records", 0) for vertex in (graph or {}).get("vertices", []))


def counts(graph: dict[str, Any] | None) -> str:
    """The same by operator; the last ones of a chain hand nothing on and are left out."""
    found = [(vertex["name"], vertex.get("metrics", {})) for vertex in (graph or {}).get("vertices", [])]
    return ", ".join(f"{name}: {metrics['write-records']:,}" for name, metrics in found if metrics.get("write-records"))
