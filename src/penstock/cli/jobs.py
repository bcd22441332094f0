"""`penstock job`: create, list, show, run, stop, delete and explain jobs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from penstock.cli import words
from penstock.cli.client import Client, Query
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.job_fields import JobFields
from penstock.cli.service import Service
from penstock.cli.tables import mention, say, show_details, show_json, show_table
from penstock.cli.trouble import Trouble

app = typer.Typer(no_args_is_help=True, help="Flink jobs: create, edit, run, stop, read logs, ask why.")

JOBS = "/v1.0/{project}/streaming/jobs"
_OWN = "/penstock/v1/projects/{project}/jobs"
_PAGE = 100

Job = Annotated[str, typer.Argument(metavar="JOB", help="Its id, or its name.", show_default=False)]
Jobs = Annotated[list[str], typer.Argument(metavar="JOB...", help="Their ids, or their names.", show_default=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which jobs `job list` shows."""

    name: Annotated[str | None, typer.Option(help="Part of the name.")] = None
    status: Annotated[str | None, typer.Option(help="A status as the wire spells it, like job_running.")] = None
    queue_name: Annotated[str | None, typer.Option("--queue-name", "--queue", help="The queue.")] = None
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="How many.")] = 20
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0


@app.command(
    "create",
    epilog=examples(
        "penstock job create --name orders --entrypoint orders.jar --queue streams",
        "penstock job create --file orders.json --parallel-number 4",
        "penstock job create --name orders --entrypoint orders.jar \\\n  --queue streams --log-enabled --obs-bucket orders-logs",
    ),
)
@spread
def create(
    fields: JobFields,
    service: Service,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The request as JSON, - for standard input; flags win."),
    ] = None,
) -> None:
    """Create a job and start it, and say what has become of it."""
    asked = fields.request(file)
    answer = service.client().call("POST", "/v1.0/{project}/streaming/flink-jobs", body=asked)
    job = answer["job"]
    if service.as_json:
        show_json(answer)
    elif job["status_name"] not in words.BROKEN:
        say(f"Job {job['job_id']} is created: {words.status(job['status_name'])}.")
        say(_next_step(job))
        _tell_warnings(answer)
    if job["status_name"] in words.BROKEN:
        raise Trouble(
            f"Job {job['job_id']} is created but did not start: {job['status_desc']}",
            f"see why: penstock job explain {job['job_id']}; when it is put right: penstock job run {job['job_id']}.",
        )


def _tell_warnings(answer: dict[str, Any]) -> None:
    """What may go wrong with the job's jars although they can be run."""
    for warning in answer.get("warnings") or ():
        say(f"Warning: {warning['detail']}")


def _next_step(job: dict[str, Any]) -> str:
    name, number = job["status_name"], job["job_id"]
    if name == "job_init":
        return f"It is a draft; run it: penstock job run {number}"
    if name in words.RUNNING:
        return f"See its records flow: penstock job show {number}"
    return f"See why it does not run yet: penstock job explain {number}"


@app.command(
    "list",
    epilog=examples(
        "penstock job list",
        "penstock job list --queue streams --status job_running",
        "penstock job list --json | jq '.jobs[].name'",
    ),
)
@spread
def list_jobs(chosen: Filter, service: Service) -> None:
    """List jobs, the newest first."""
    found = service.client().call("GET", JOBS, query=asdict(chosen))["job_list"]
    if service.as_json:
        show_json(found)
        return
    rows = [
        (
            job["job_id"],
            job["name"],
            words.status(job["status"]),
            job.get("queue_name"),
            words.moment(job.get("start_time")),
            job.get("restart_times") or 0,
        )
        for job in found["jobs"]
    ]
    show_table(("ID", "NAME", "STATUS", "QUEUE", "STARTED", "RESTARTS"), rows)
    if len(rows) < found["total_count"]:
        mention(f"{len(rows)} of {found['total_count']} jobs; more: --offset {chosen.offset + len(rows)}")


@app.command("show", epilog=examples("penstock job show orders", "penstock job show 7 --json | jq .job_config"))
@spread
def show(job: Job, service: Service) -> None:
    """Show a job, all its fields, and the records in its flow."""
    client = service.client()
    number = job_id(client, job)
    detail = client.call("GET", f"{JOBS}/{number}")["job_detail"]
    graph = execution_graph(client, number) if detail["status"] in words.RUNNING else None
    if service.as_json:
        show_json(detail | {"execute_graph": graph})
        return
    show_details(_details(detail))
    if graph:
        say()
        show_table(("OPERATOR", "PARALLELISM", "STATUS", "READ", "WRITTEN"), _flows(graph))


def _details(detail: dict[str, Any]) -> Iterator[tuple[str, object]]:
    plain = {name: value for name, value in detail.items() if name not in ("job_config", "status") and value != -1}
    yield "status", words.status(detail["status"])
    for name, value in plain.items():
        yield name, _worded(name, value)
    yield from ((name, value) for name, value in detail.get("job_config", {}).items() if name not in plain)


def _worded(name: str, value: object) -> object:
    if name == "duration" and isinstance(value, int):
        return str(timedelta(seconds=value // 1000))
    return words.moment(value) if name.endswith("_time") else value


def _flows(graph: dict[str, Any]) -> Iterator[Sequence[object]]:
    for vertex in graph.get("vertices", []):
        counts = vertex.get("metrics", {})
        yield (
            vertex.get("name"),
            vertex.get("parallelism"),
            vertex.get("status"),
            counts.get("read-records"),
            counts.get("write-records"),
        )


@app.command("run", epilog=examples("penstock job run orders", "penstock job run orders --from-savepoint"))
@spread
def run(
    jobs: Jobs,
    service: Service,
    from_savepoint: Annotated[
        bool, typer.Option("--from-savepoint", help="Begin from the newest savepoint of each.")
    ] = False,
) -> None:
    """Run jobs that rest; one that runs already is left alone."""
    _ask_all(service, "run", jobs, {"resume_savepoint": from_savepoint})


@app.command("stop", epilog=examples("penstock job stop 7 8", "penstock job stop orders --with-savepoint"))
@spread
def stop(
    jobs: Jobs,
    service: Service,
    with_savepoint: Annotated[
        bool, typer.Option("--with-savepoint", help="Keep their state; one whose savepoint fails runs on.")
    ] = False,
) -> None:
    """Stop jobs; they stay and can run again."""
    _ask_all(service, "stop", jobs, {"trigger_savepoint": with_savepoint})


def _ask_all(service: Service, verb: str, jobs: list[str], more: dict[str, object]) -> None:
    client = service.client()
    numbers = [job_id(client, job) for job in jobs]
    answers = client.call("POST", f"{JOBS}/{verb}", body={"job_ids": numbers} | more)
    if service.as_json:
        show_json(answers)
    else:
        for number, answer in zip(numbers, answers, strict=True):
            say(f"{number}: {answer['message']}")
    refused = [number for number, answer in zip(numbers, answers, strict=True) if not _succeeded(answer)]
    if refused:
        named = ", ".join(map(str, refused))
        raise Trouble(f"Not every job could be asked to {verb}: {named}.", f"look: penstock job explain {refused[0]}.")


def _succeeded(answer: dict[str, Any]) -> bool:
    """The flag is a string or a boolean, by a setting of the service."""
    return str(answer["is_success"]).lower() == "true"


@app.command("delete", epilog=examples("penstock job delete orders"))
@spread
def delete(jobs: Jobs, service: Service) -> None:
    """Delete jobs; one that runs is stopped first. Its name is free at once."""
    client = service.client()
    numbers = [job_id(client, job) for job in jobs]
    answers = [client.call("DELETE", f"{JOBS}/{number}") for number in numbers]
    if service.as_json:
        show_json(answers)
        return
    for number, answer in zip(numbers, answers, strict=True):
        say(f"{number}: {answer['message']}")


@app.command("explain", epilog=examples("penstock job explain orders"))
@spread
def explain(job: Job, service: Service) -> None:
    """Say where a job is, why, and how it came there."""
    client = service.client()
    number = job_id(client, job)
    found = client.call("GET", f"{_OWN}/{number}")
    facts = list(_facts(client, number))
    if service.as_json:
        show_json(found | {"history": facts})
        return
    say(f"Job {number} ({found['name']}) is {found['state']} since {words.instant(found['moved_at'])}.")
    say(_because(found.get("reason")))
    _tell_warnings(found)
    say()
    show_details(_surroundings(found))
    say()
    show_table(("WHEN", "WHAT", "FROM", "TO", "WHY"), [_history_row(fact) for fact in facts])


def _because(reason: dict[str, Any] | None) -> str:
    return f"Why: {reason['text']}" if reason and reason.get("text") else "No reason is written down."


def _surroundings(found: dict[str, Any]) -> Iterator[tuple[str, object]]:
    queue, run = found.get("queue"), found.get("run")
    if queue:
        yield "queue", f"{queue['name']} ({queue['used_cu']} of {queue['cu_count']} CUs used)"
    if run:
        yield "run", run["id"]
        yield "flink job", run["flink_job_id"]
        yield "place", run["place"]
        yield "takes", f"{run['cus']} CUs; TaskManagers: {run['task_managers']}, slots of each: {run['slots']}"
        yield "started", words.instant(run.get("started_at"))
    yield "restarts", found.get("restart_times") or None
    if savepoint := found.get("savepoint"):
        yield "savepoint", words.savepoint(savepoint)
    yield "next restart", words.instant(found["restart_due_at"]) if found.get("restart_due_at") else None


def _facts(client: Client, number: int) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        page = client.call("GET", f"{_OWN}/{number}/history", query={"limit": _PAGE, "cursor": cursor})
        yield from page["facts"]
        cursor = page.get("next")
        if not cursor:
            return


def _history_row(fact: dict[str, Any]) -> Sequence[object]:
    reason = fact.get("reason") or {}
    return words.instant(fact["at"]), fact["what"], fact.get("before"), fact.get("after"), reason.get("text")


def job_id(client: Client, job: str) -> int:
    """The id that is meant: digits are an id, anything else is a name."""
    if job.isascii() and job.isdigit():
        return int(job)
    found = find(client, job)
    if found is None:
        raise Trouble(f"There is no job named {job}.", "see which jobs there are: penstock job list.")
    return int(found["job_id"])


def find(client: Client, name: str) -> dict[str, Any] | None:
    """The job of that name, which is one in its project."""
    offset = 0
    while True:
        query: Query = {"name": name, "limit": _PAGE, "offset": offset}
        page = client.call("GET", JOBS, query=query)["job_list"]
        for job in page["jobs"]:
            if job["name"] == name:
                return dict(job)
        offset += len(page["jobs"])
        if not page["jobs"] or offset >= page["total_count"]:
            return None


def execution_graph(client: Client, number: int) -> dict[str, Any] | None:
    """Flink's own document about the running job, None while there is none."""
    try:
        return dict(client.call("GET", f"{JOBS}/{number}/execute-graph")["execute_graph"])
    except Trouble as trouble:
        if trouble.facts.get("error_code") == "DLI.14001":
            return None
        raise
