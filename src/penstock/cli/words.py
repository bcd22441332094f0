"""The words that the command line shows for what the wire says, and what to do about an error code."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STATUS = {
    "job_init": "draft",
    "job_submitting": "submitting",
    "job_submit_fail": "submit failed",
    "job_running": "running",
    "running": "running",
    "job_running_exception": "failed",
    "job_canceling": "stopping",
    "job_cancel_success": "stopped",
    "job_cancel_fail": "stop failed",
    "job_savepointing": "savepointing",
    "job_finish": "finished",
}
RUNNING = frozenset({"running", "job_running"})
RESTING = frozenset({"job_init", "job_submit_fail", "job_running_exception", "job_cancel_success", "job_finish"})
BROKEN = frozenset({"job_submit_fail", "job_running_exception"})

_CURES = {
    "DLI.0002": "see what lies there: penstock bucket objects BUCKET --prefix FOLDER.",
    "DLI.0007": "leave that field out, or give it another value.",
    "DLI.0008": "see which queues there are: penstock queue list; make one: penstock queue create NAME.",
    "DLI.0006": "use what is there, or choose another name.",
    "DLI.10003": "see that the address is Penstock's and that its version fits this command: penstock --version.",
    "DLI.10006": "use a key of that project, or name yours in PENSTOCK_PROJECT.",
    "DLI.11004": "choose another name, or use the job there is: penstock job list.",
    "DLI.11032": "see which topics there are: penstock topic list; make one: penstock topic create NAME.",
    "DLI.11021": "see which packages there are: penstock package list; add one: penstock package upload FILE.",
    "DLI.12002": "see which packages there are: penstock package list; add one: penstock package upload FILE.",
    "DLI.13002": "see what the queue holds: penstock queue list; stop a job, or make a larger queue.",
    "DLI.13006": "look at the job: penstock job show JOB.",
    "DLI.13009": "make a queue for such jobs: penstock queue create NAME.",
    "DLI.13017": "run it without --from-savepoint, or import one: penstock job import-savepoint JOB BUCKET/FOLDER.",
    "DLI.15002": "look at the job: penstock job show JOB.",
    "DLI.16001": "see which jobs there are: penstock job list.",
    "DLI.17001": "see which jobs there are: penstock job list.",
    "DLI.11016": "see which buckets there are: penstock bucket list; authorise one: penstock bucket authorize NAME.",
    "DLI.13004": "see which buckets there are: penstock bucket list; authorise one: penstock bucket authorize NAME.",
    "DLI.11002": "name a bucket with --obs-bucket; make one: penstock bucket create NAME --authorize.",
    "DLI.19003": "see which buckets there are: penstock bucket list; make one: penstock bucket create NAME.",
    "DLI.19005": "nothing: jobs may name it already; see penstock bucket list.",
    "DLI.12003": "stop it first: penstock job stop JOB; then call again, and run it again.",
    "DLI.12005": "wait until it has stopped: penstock job explain JOB; then call again.",
    "DLI.20005": "see which queues there are: penstock queue list.",
    "SMN.0006": "see which topics there are: penstock topic list.",
    "SMN.0013": "see which subscriptions there are: penstock topic list NAME.",
}
_CURES_BY_STATUS = {
    401: "see that the profile's keys belong to this service: its state directory holds profile.json.",
    403: "ask as somebody who may, or ask the operator for the right.",
    404: "see what there is: penstock job list, penstock package list, penstock queue list.",
    408: "call again.",
    409: "look at what is there, then call again.",
    413: "make it smaller, or ask the operator to raise the limit.",
    429: "wait a little, then call again.",
    503: "wait a little, then call again; GET /readyz says what is missing.",
}


def cure(status: int, code: str = "") -> str:
    """What to do next about an answer that refuses."""
    if status >= 500:
        fallback = "look at the service's log under the request id, then report it with that part of the log."
    else:
        fallback = "put right what the sentence names, then call again."
    return _CURES.get(code) or _CURES_BY_STATUS.get(status) or fallback


def status(name: str) -> str:
    """A person's word for the wire's status."""
    return STATUS.get(name, name)


def moment(milliseconds: object) -> str:
    """A time of the wire in the time zone of this machine."""
    if not isinstance(milliseconds, int) or milliseconds <= 0:
        return "-"
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def instant(text: object) -> str:
    """A time of our own API in the time zone of this machine."""
    if not isinstance(text, str) or not text:
        return "-"
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"


def savepoint(kept: dict[str, Any]) -> str:
    """Where the newest savepoint of a job is, and since when."""
    made = instant(kept["made_at"])
    if kept.get("copied_at"):
        return f"{kept['copied_to']} (made {made})"
    waits = f"; its copy in {kept['copied_to']} is not whole yet" if kept.get("copied_to") else ""
    return f"{kept['path']} (made {made}{waits})"


def size(count: int) -> str:
    """Bytes as people say them."""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def command() -> str:
    """How this command can be called again from the same shell."""
    beside = Path(sys.executable).parent / "penstock"
    found = shutil.which("penstock")
    if found and Path(found).resolve() == beside.resolve():
        return "penstock"
    return str(beside) if beside.exists() else f"{sys.executable} -m penstock"
