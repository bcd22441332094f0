"""`penstock job edit`: change the fields of a job, and its tags."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.job_fields import JobFields
from penstock.cli.jobs import Job, job_id
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json

EXAMPLES = examples(
    "penstock job edit orders --parallel-number 4",
    'penstock job edit 7 --restart-when-exception --smn-topic ""',
    "penstock job edit 7 --tag team=sales --untag trial",
)


@spread
def edit(
    job: Job,
    fields: JobFields,
    service: Service,
    untag: Annotated[list[str] | None, typer.Option(metavar="KEY", help="A tag to take away; repeatable.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The fields as JSON, - for standard input; flags win."),
    ] = None,
) -> None:
    """Change a job. Fields that are not named stay, an empty text clears one.

    While it runs: name, desc, tags, log_enabled, obs_bucket, smn_topic, restart_when_exception, resume_checkpoint,
    resume_max_num and checkpoint_path.
    """
    changes = {} if untag and fields == JobFields() and not file else fields.request(file)
    client = service.client()
    number = job_id(client, job)
    tags = changes.pop("tags", None)
    answer = client.call("PUT", f"/v1.0/{{project}}/streaming/flink-jobs/{number}", body=changes)
    _tag(client, number, "create", tags)
    _tag(client, number, "delete", [{"key": key, "value": ""} for key in untag or ()])
    if service.as_json:
        show_json(answer)
        return
    say(f"Job {number} is changed.")
    say(f"See it: penstock job show {number}")


def _tag(client: Client, number: int, verb: str, tags: object) -> None:
    if tags:
        client.call("POST", f"/v3/{{project}}/dli_flink_job/{number}/tags/{verb}", body={"tags": tags})
