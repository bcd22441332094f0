"""A kind of place where runs live, as the inside sees it.

Every call may die half-way and be repeated: the run's name is the claim, so doing something twice under one name is
doing it once. An engine never decides; it says what it sees and does what it is told.
"""

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from penstock.domain.footprint import Room
from penstock.domain.observation import Observation, Retained
from penstock.domain.run import RunId
from penstock.domain.run_sheet import RunSheet
from penstock.domain.savepoint import Savepoint
from penstock.ports.run_logs import RunLogs


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchOrder:
    """Which run to make exist; `job_name` is for people who look at Flink."""

    run: RunId
    job_id: int
    job_name: str
    sheet: RunSheet
    restore_from: str = ""  # a checkpoint of an earlier run; empty: what the sheet says


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an engine can do, so that a use case can refuse early and in words.

    `java` is the version that runs the jobs; `class_path` are Flink's own jars, where they are files of this machine.
    A place that is `bound` keeps its runs with one state directory, so no other service may ever look after them. On
    one without `many_projects`, jobs share processes, so that only one project may have queues there. Where the room is
    not `steady_room`, a job that is larger than it waits: the room may grow.
    """

    flink_versions: tuple[str, ...]
    default_flink_version: str
    java: int = 21
    class_path: tuple[Path, ...] = ()
    savepoints: bool = True
    logs: bool = True  # of each run by itself; else `RunLogs` is never called
    several_job_managers: bool = False
    bound: bool = False
    many_projects: bool = True
    steady_room: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a place is; `facts` are small numbers for the metrics (idle pairs, processes)."""

    ready: bool
    said: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Where the runs of a job keep their state: as this machine sees it, and as Flink is told, without a `/` at its end.

    Savepoints are below `savepoints`, each in a folder named by its id.
    """

    path: Path
    address: str

    def path_of(self, address: str) -> Path | None:
        """Where this machine sees what Flink names so; None if it is not inside.

        Flink writes `file:/a` or `file:///a`, and without the `..` and `//` that it may have been told
        (`org.apache.flink.core.fs.Path`).
        """
        inside = _plain(address).removeprefix(f"{_tidied(self.address)}/")
        if inside == _plain(address) or not {"", ".", ".."}.isdisjoint(inside.split("/")):
            return None
        return self.path / inside


class Engine(RunLogs, Protocol):
    """One place. Methods raise EngineUnavailable where the place does not answer."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def launch(self, order: LaunchOrder) -> None:
        """Make this run exist and be whole. Idempotent; returns within seconds, also when the run still waits or
        starts (the next observation tells). Cancelling it is safe. What can never start shows as REFUSED."""
        ...

    async def observe(self, runs: Sequence[RunId]) -> Mapping[RunId, Observation]:
        """One observation for each run that was asked about; what does not answer is UNREACHABLE."""
        ...

    async def stop(self, run: RunId) -> None:
        """Ask Flink to cancel the job. Idempotent; a run that is not there is no error."""
        ...

    async def take_savepoint(self, run: RunId, savepoint: Savepoint) -> None:
        """Ask Flink for a savepoint, and to stop with it if it `stops_job`. The same id never makes a second one.

        Observations tell what became of the one that was asked for last, until the run is discarded."""
        ...

    async def graph(self, run: RunId) -> Mapping[str, object] | None:
        """Flink's own document of the job (`GET /jobs/:jobid`: vertices, counts of records), None if Flink has none."""
        ...

    async def retained(self, job_id: int, runs: Sequence[RunId]) -> Retained:
        """What state these runs of a job, newest first, have left. None of them is alive."""
        ...

    def state_folder(self, job_id: int) -> StateFolder | None:
        """Where the runs of this job keep their state, None where this machine does not see it. Quick, no I/O; the
        folder need not be there, and may be one of another machine that only is called the same."""
        ...

    async def discard(self, run: RunId) -> None:
        """Leave no process, port or scratch file of the run. Idempotent; retained state stays."""
        ...

    async def list_runs(self) -> Collection[RunId]:
        """Every run of this installation that the place holds anything of."""
        ...

    def room(self) -> Room:
        """What the place offers in all; a run takes `Footprint.taken` of it. Quick, no I/O: the last known value."""
        ...

    def health(self) -> Health:
        """Quick, no I/O."""
        ...

    async def serve(self) -> None:
        """The engine's own upkeep (a pool, say) until cancelled; never touches a run. The jobs outlive it."""
        ...


def _tidied(address: str) -> str:
    scheme, _, path = _plain(address).partition(":")
    return f"file:{posixpath.normpath(path)}" if scheme == "file" else _plain(address)


def _plain(address: str) -> str:
    scheme, _, path = address.rstrip("/").partition(":")
    return f"file:/{path.lstrip('/')}" if scheme == "file" else address.rstrip("/")
