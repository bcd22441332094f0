"""`penstock job logs`: the logs of a job's newest run, out of the bucket that they are copied to."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from penstock.cli.buckets import download, objects_of
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.jobs import Job, job_id
from penstock.cli.service import Service
from penstock.cli.tables import mention, show_json
from penstock.cli.trouble import Trouble
from penstock.domain.log import piece_of

EXAMPLES = examples("penstock job logs orders --follow", "penstock job logs 7 --file jobmanager | grep ERROR")

_EVERY = 2.0  # seconds between two looks with --follow
_RESTING = frozenset({"draft", "stopped", "finished", "failed", "launch_failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which logs to show."""

    file: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this one, like jobmanager or taskmanager-1.out.")
    ] = None
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Of this run. [default: the newest]")] = None
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the job goes on.")] = False


@spread
def logs(job: Job, chosen: Chosen, service: Service) -> None:
    """Show what a job has logged, as it lies in its bucket."""
    client = service.client()
    number = job_id(client, job)
    shelf = _Shelf(client, _bucket_of(client, number), number, chosen)
    if service.as_json:
        show_json(shelf.pieces())
        return
    tail = _Tail(shelf)
    tail.show()
    if not chosen.follow and not tail.shown:
        mention("There are no logs yet: they are copied to the bucket within a minute, or as soon as the job ends.")
    while chosen.follow and not _is_over(client, number):
        time.sleep(_EVERY)
        tail.show()
    if chosen.follow:
        tail.show()


def first_lines(client: Client, number: int, count: int) -> list[str]:
    """How the log of the newest run's JobManager begins, as far as it lies in the bucket."""
    shelf = _Shelf(client, _bucket_of(client, number), number, Chosen(file="jobmanager"))
    text = b""
    for piece in shelf.pieces()[:1]:
        for data in shelf.read(piece):
            text += data
            if text.count(b"\n") >= count:
                break
    return text.decode("utf-8", "replace").splitlines()[:count]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The logs of one job in its bucket."""

    client: Client
    bucket: str
    number: int
    chosen: Chosen

    def pieces(self) -> list[dict[str, Any]]:
        """Those of one run, in the order of their streams."""
        found = list(objects_of(self.client, self.bucket, f"jobs/logs/{self.number}_"))
        runs = {_folder(each): each["modified"] for each in sorted(found, key=lambda each: str(each["modified"]))}
        wanted = [folder for folder in runs if (self.chosen.run or "") in folder]
        return [each for each in found if wanted and _folder(each) == wanted[-1] and self._is_wanted(each)]

    def read(self, piece: dict[str, Any]) -> Iterator[bytes]:
        return download(self.client, self.bucket, piece["key"])

    def _is_wanted(self, piece: dict[str, Any]) -> bool:
        return self.chosen.file in {None, _stream(piece), f"{_stream(piece)}.log"}


@dataclass(slots=True)
class _Tail:
    """What was shown already, by stream."""

    shelf: _Shelf
    shown: dict[str, int] = field(default_factory=dict)
    current: str = ""

    def show(self) -> None:
        """Whatever is new."""
        pieces = self.shelf.pieces()
        for piece in pieces:
            self._show(piece, several=len({_stream(each) for each in pieces}) > 1)

    def _show(self, piece: dict[str, Any], *, several: bool) -> None:
        stream = f"{_folder(piece)}/{_stream(piece)}"
        at, shown = _at(piece), self.shown.get(stream, 0)
        if at + piece["size"] <= shown:
            return
        if several and stream != self.current:
            typer.echo(f"{'' if not self.current else chr(10)}==> {_stream(piece)} <==")
        self.current = stream
        skip = max(0, shown - at)
        for data in self.shelf.read(piece):
            sys.stdout.buffer.write(data[skip:])
            at, skip = at + len(data), max(0, skip - len(data))
        sys.stdout.buffer.flush()
        self.shown[stream] = at


def _bucket_of(client: Client, number: int) -> str:
    config = client.call("GET", f"/v1.0/{{project}}/streaming/jobs/{number}")["job_detail"].get("job_config", {})
    if not config.get("log_enabled") or not config.get("obs_bucket"):
        raise Trouble(
            f"Job {number} keeps no logs.",
            "turn them on: penstock bucket create BUCKET --authorize; then "
            f"penstock job edit {number} --log-enabled --obs-bucket BUCKET.",
        )
    return str(config["obs_bucket"])


def _is_over(client: Client, number: int) -> bool:
    """Nothing of it runs, and nothing of its last run is left whose logs could still come."""
    found = client.call("GET", f"/penstock/v1/projects/{{project}}/jobs/{number}")
    run = found.get("run")
    return found["state"] in _RESTING and (not run or bool(run.get("absent_at")))


def _folder(piece: dict[str, Any]) -> str:
    return str(piece["key"]).rpartition("/")[0]


def _stream(piece: dict[str, Any]) -> str:
    name = str(piece["key"]).rpartition("/")[2]
    found = piece_of(name)
    return found.stream if found else name


def _at(piece: dict[str, Any]) -> int:
    found = piece_of(str(piece["key"]).rpartition("/")[2])
    return found.at if found else 0
