"""`penstock quickstart`: serves, and shows a real job running; then keeps serving until Ctrl-C.

The service has the main thread, since signals are its business; the walk through the example goes beside it.
"""

import os
import shlex
import signal
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import typer

from penstock.cli import words
from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.profile import Profile, from_file
from penstock.cli.serve import Port
from penstock.cli.service import Json, State
from penstock.cli.start import start
from penstock.cli.tables import mention, say, show_json
from penstock.cli.trouble import Trouble
from penstock.cli.walkthrough import Walk
from penstock.domain.errors import PenstockError
from penstock.settings import Settings, load

EXAMPLES = examples("penstock quickstart", "penstock quickstart --state /tmp/penstock --port 0")


class _Ending(PenstockError):
    """The service ends; so does the walk."""


@dataclass(slots=True, kw_only=True)
class _Tour:
    """What the two threads know of each other."""

    settings: Settings
    as_json: bool
    command: str
    ending: threading.Event = field(default_factory=threading.Event)
    beside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="walk"))
    job: int | None = None
    status: str = "job_submitting"  # of that job, as last seen; empty if it is not there
    trouble: BaseException | None = None

    def begin(self, endpoint: str) -> None:
        self.beside.submit(self._show, endpoint).add_done_callback(partial(self._settle, endpoint))

    def end(self) -> None:
        """Nobody serves any more."""
        self.ending.set()
        self.beside.shutdown(cancel_futures=True)

    def _settle(self, endpoint: str, walk: Future[None]) -> None:
        """Ends the service if the walk could not go on: a job that does not run is no quick start.

        A walk that broke because the service is ending, by Ctrl-C, is no trouble.
        """
        error = walk.exception()
        if error is not None and not self.ending.is_set() and _answers(endpoint):
            self.trouble = error
            os.kill(os.getpid(), signal.SIGTERM)

    def _show(self, endpoint: str) -> None:
        mention(f"Penstock answers at {endpoint}")
        profile = from_file(self.settings.state / "profile.json")
        client = Client(profile)
        walk = Walk(client=client, say=mention if self.as_json else say, pause=self._pause)
        self.job = walk.to_a_job()
        walk.until_it_runs(self.job)
        token = client.call("POST", "/penstock/v1/tokens", body={"project_id": profile.project_id})["token"]
        if self.as_json:
            show_json(_for_programs(profile, token, self.job))
        else:
            walk.shows_records(self.job)
            walk.shows_logs(self.job)
            walk.says_who_is_told()
            self._say_what_next(profile, token)
        self._watch(walk, self.job)

    def _watch(self, walk: Walk, job: int) -> NoReturn:
        """Somebody may stop or delete the job meanwhile, and the farewell has to be true."""
        while True:
            with suppress(Trouble):
                self.status = walk.status_of(job)
            self._pause(1.0)

    def _pause(self, seconds: float) -> None:
        if self.ending.wait(seconds):
            raise _Ending

    def _say_what_next(self, profile: Profile, token: str) -> None:
        jobs = f"{profile.endpoint}/v1.0/{profile.project_id}/streaming/jobs"
        trust = f"--cacert {shlex.quote(profile.ca)} " if profile.ca else ""
        say(f"""
The job runs. Penstock keeps serving until Ctrl-C.

  Address       {profile.endpoint}   (API document: {profile.endpoint}/docs)
  Project       {profile.project_id}
  Access key    {profile.access_key}
  Secret key    {profile.secret_key}
  Token         {token}   (24 hours)
  State         {self.settings.state}

Try next, in another terminal:
  {self.command} job show {self.job}{self._where()}
  {self.command} job explain {self.job}{self._where()}
  {self.command} job stop {self.job}{self._where()}
  curl {trust}-H "X-Auth-Token: {token}" {jobs}""")

    def farewell(self) -> str:
        """What becomes of the job when nobody serves."""
        where = self._where()
        if self.job is None or self.status not in words.RUNNING:
            became = f" Job {self.job} is {words.status(self.status) or 'deleted'}." if self.job else ""
            return (
                f"Penstock no longer serves.{became} Everything stays in {self.settings.state}.\n"
                f"  To serve again:  {self.command} serve{where}"
            )
        return (
            f"Penstock no longer serves. Job {self.job} runs on by itself, with its Flink processes.\n"
            f"  To serve again and look after it:  {self.command} serve{where}\n"
            f"  To end it, while that serves:      {self.command} job stop {self.job}{where}"
        )

    def _where(self) -> str:
        """The flag that names this state directory, if a command would not find it by itself."""
        usual = Path.home() / ".local" / "share" / "penstock"
        return "" if self.settings.state == usual else f" --state {shlex.quote(str(self.settings.state))}"


def quickstart(state: State = None, port: Port = None, as_json: Json = False) -> None:
    """Serve, and run the example job on real Flink. Its packages, queue, bucket and topic are made, too."""
    tour = _Tour(settings=_calm(load(state=state, port=port)), as_json=as_json, command=words.command())
    is_first = not (tour.settings.state / "profile.json").exists()
    mention("Starting Penstock." + (" The first start takes longest: it prepares Flink." if is_first else ""))
    try:
        code = start(tour.settings, tour.begin)
    finally:
        tour.end()
    if tour.trouble is not None:
        raise tour.trouble
    mention(tour.farewell())
    raise typer.Exit(code)


def _answers(endpoint: str) -> bool:
    """Whether somebody still listens; no certificate needs to be believed to see that."""
    address = urlsplit(endpoint)
    try:
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=5.0):
            return True
    except OSError:
        return False


def _calm(settings: Settings) -> Settings:
    """The service's own log would bury the walk: it tells warnings only, unless somebody chose a level."""
    if "level" in settings.log.model_fields_set:
        return settings
    return settings.model_copy(update={"log": settings.log.model_copy(update={"level": "warning"})})


def _for_programs(profile: Profile, token: str, job: int) -> dict[str, object]:
    return {
        "endpoint": profile.endpoint,
        "project_id": profile.project_id,
        "access_key": profile.access_key,
        "secret_key": profile.secret_key,
        "token": token,
        "job_id": job,
        "status_name": "running",
    }
