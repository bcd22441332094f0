"""`penstock job savepoint` and `penstock job import-savepoint`."""

from typing import Annotated

import typer

from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.jobs import JOBS, Job, job_id
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json

MAKE_EXAMPLES = examples("penstock job savepoint orders", "penstock job savepoint orders --to backups/orders")
IMPORT_EXAMPLES = examples("penstock job import-savepoint orders backups/savepoint-5f2c1a-0b1c2d3e4f50")

_FOLDER = "BUCKET/FOLDER"


@spread
def make(
    job: Job,
    service: Service,
    to: Annotated[
        str | None, typer.Option(metavar=_FOLDER, help="Where its copy is to lie; else in the bucket of the job.")
    ] = None,
) -> None:
    """Make a savepoint of a job that runs; it runs on."""
    client = service.client()
    number = job_id(client, job)
    body = {"action": "TRIGGER"} | ({"savepoint_path": to} if to else {})
    answer = client.call("POST", f"{JOBS}/{number}/savepoint", body=body)
    if service.as_json:
        show_json(answer)
        return
    say(f"{number}: a savepoint is being made. See what has become of it: penstock job explain {number}")


@spread
def bring(
    job: Job,
    folder: Annotated[
        str, typer.Argument(metavar=_FOLDER, help="The folder that holds _metadata.", show_default=False)
    ],
    service: Service,
) -> None:
    """Give a resting job a savepoint to begin from."""
    client = service.client()
    number = job_id(client, job)
    body = {"job_id": number, "savepoint_path": folder}
    answer = client.call("POST", f"{JOBS}/{number}/import-savepoint", body=body)
    if service.as_json:
        show_json(answer)
        return
    say(f"{number}: {answer['message']}")
    say(f"Run it from there: penstock job run {number} --from-savepoint")
