"""An engine in memory: it passes the conformance suite, and tests can make it lose answers, runs and processes.

What becomes of a run is told by its main class: `Bounded` finishes, `Fails` fails, `Refused` can never start, `Hangs`
never gets all its tasks to run, everything else runs until it is stopped.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.log import LogFile, LogListing
from penstock.domain.observation import ENDED, Observation, Retained, SavepointNews, SavepointSeen, Seen
from penstock.domain.run import RunId
from penstock.domain.savepoint import Savepoint, SavepointId
from penstock.ports.clock import Clock
from penstock.ports.engine import Capabilities, Health, LaunchOrder, StateFolder
from penstock.testing.engine_logs import FakeLogs

_AFTER_START = {
    "Bounded": (Seen.FINISHED, ""),
    "Fails": (Seen.FAILED, "java.lang.RuntimeException: the job failed on purpose"),
    "Hangs": (Seen.STARTING, ""),
}
SAVEPOINT_FILES = {
    "6f2a4c1e-0000-4000-8000-000000000001": b"state " * 1000,
    "_metadata": b"\x49\x60\x67\x2d\x00\x00\x00\x03and the rest",
}
_REFUSED = "java.lang.IllegalStateException: main refused on purpose"


@dataclass(slots=True)
class FakeWorld:
    """What survives the engine's own death: a second FakeEngine over the same world adopts it."""

    runs: dict[RunId, Observation] = field(default_factory=dict)
    orders: dict[RunId, LaunchOrder] = field(default_factory=dict)
    launched: list[RunId] = field(default_factory=list)  # each real start, for «never twice»
    retained: dict[RunId, Retained] = field(default_factory=dict)
    logs: dict[RunId, FakeLogs] = field(default_factory=dict)
    is_silent: bool = False
    refuses_orders: bool = False
    state: Path | None = None  # below it each job has its state; None: out of this machine's sight
    is_slow: bool = False  # savepoints are under way until `end_savepoint`
    asked: dict[SavepointId, tuple[RunId, Savepoint]] = field(default_factory=dict)  # each that is under way
    made: list[SavepointId] = field(default_factory=list)  # each that was completed
    trouble: Exception | None = None  # what no engine should raise, and one some day does


class FakeEngine:
    """One place, in memory. `world` is open to tests."""

    def __init__(self, clock: Clock, world: FakeWorld | None = None, room: Room | None = None) -> None:
        self.world = world or FakeWorld()
        self._clock = clock
        self._room = room or Room()
        self.capabilities = Capabilities(flink_versions=("1.20",), default_flink_version="1.20")

    async def launch(self, order: LaunchOrder) -> None:
        self._answer_or_not()
        seen = self.world.runs.get(order.run)
        if seen is not None:
            self.world.runs[order.run] = replace(seen, damaged=False)
            return
        self.world.orders[order.run] = order
        self.world.launched.append(order.run)
        self.logs_of(order.run).write("jobmanager.log", b"Starting.\n")
        refused = order.sheet.main_class.endswith("Refused")
        self._see(order.run, Seen.REFUSED if refused else Seen.PREPARING, _REFUSED if refused else "")

    async def observe(self, runs: Sequence[RunId]) -> Mapping[RunId, Observation]:
        if self.world.is_silent:
            return {run: Observation(run=run, seen=Seen.UNREACHABLE, said="no answer") for run in runs}
        return {run: self._look(run) for run in runs}

    async def stop(self, run: RunId) -> None:
        self._answer_or_not()
        if run in self.world.runs and self.world.runs[run].seen in {Seen.STARTING, Seen.RUNNING, Seen.PREPARING}:
            self._see(run, Seen.CANCELED)

    async def take_savepoint(self, run: RunId, savepoint: Savepoint) -> None:
        self._answer_or_not()
        seen = self.world.runs.get(run)
        if seen is None or seen.seen in ENDED or savepoint.id in seen.savepoints:
            return
        self.world.asked[savepoint.id] = run, savepoint
        self._tell(run, savepoint.id, SavepointNews(SavepointSeen.IN_PROGRESS))
        if not self.world.is_slow:
            self.end_savepoint(savepoint.id)
            self.end_parting()

    async def graph(self, run: RunId) -> Mapping[str, object] | None:
        seen = self.world.runs.get(run)
        return {"jid": run, "state": seen.seen.upper(), "vertices": []} if seen else None

    async def retained(self, job_id: int, runs: Sequence[RunId]) -> Retained:
        self._answer_or_not()
        return next((self.world.retained[run] for run in runs if run in self.world.retained), Retained())

    def state_folder(self, job_id: int) -> StateFolder | None:
        if self.world.state is None:
            return None
        path = self.world.state / str(job_id)
        return StateFolder(path, f"file://{path}")

    async def discard(self, run: RunId) -> None:
        self._answer_or_not()
        self.world.runs.pop(run, None)
        self.world.orders.pop(run, None)
        self.world.logs.pop(run, None)

    async def halt(self, run: RunId) -> None:
        self._answer_or_not()
        if run in self.world.runs:
            self.logs_of(run).is_final = True
            seen = self.world.runs[run]
            ended = seen if seen.seen in ENDED else replace(seen, seen=Seen.LOST, said="the JobManager is gone")
            self.world.runs[run] = replace(ended, halted=True)

    async def logs(self, run: RunId) -> LogListing:
        self._answer_or_not()
        return self.logs_of(run).listing() if run in self.world.runs else LogListing(is_final=True)

    async def read_log(self, run: RunId, file: LogFile, offset: int, limit: int) -> bytes:
        self._answer_or_not()
        return self.logs_of(run).read(file, offset, limit) if run in self.world.runs else b""

    async def list_runs(self) -> Collection[RunId]:
        self._answer_or_not()
        return list(self.world.runs)

    def room(self) -> Room:
        return self._room

    def health(self) -> Health:
        return Health(ready=not self.world.is_silent, facts={"runs": len(self.world.runs)})

    async def serve(self) -> None:
        await asyncio.Event().wait()

    def logs_of(self, run: RunId) -> FakeLogs:
        """What the run has logged, and may go on logging."""
        return self.world.logs.setdefault(run, FakeLogs())

    def lose(self, run: RunId) -> None:
        """Its processes are gone."""
        self._see(run, Seen.LOST, "the JobManager is gone")

    def end_savepoint(self, savepoint_id: SavepointId, said: str = "") -> None:
        """It is whole, or has failed if there is something to say; its run goes on for the moment."""
        run, savepoint = self.world.asked[savepoint_id]
        seen = self.world.runs.get(run)
        if seen is None or seen.seen in ENDED or not _is_under_way(seen, savepoint_id):
            return
        if said:
            self._tell(run, savepoint_id, SavepointNews(SavepointSeen.FAILED, said=said))
            return
        self.world.made.append(savepoint_id)
        path = self._write_savepoint(run, savepoint)
        self._tell(run, savepoint_id, SavepointNews(SavepointSeen.COMPLETED, path=path))

    def end_parting(self) -> None:
        """Runs that were to stop with a savepoint finish, once it is whole."""
        for run, savepoint in self.world.asked.values():
            seen = self.world.runs.get(run)
            if savepoint.stops_job and savepoint.id in self.world.made and seen and seen.seen not in ENDED:
                self._see(run, Seen.FINISHED)

    def damage(self, run: RunId) -> None:
        """One process of it is gone; Flink lives."""
        self.world.runs[run] = replace(self.world.runs[run], damaged=True)

    def unreachable(self, run: RunId) -> Observation:
        """How a run of a stopped process looks: its place answers, it does not."""
        return Observation(run=run, seen=Seen.UNREACHABLE, said="no answer")

    def _look(self, run: RunId) -> Observation:
        """Each look sees a run one step further, as real ones move between looks."""
        seen = self.world.runs.get(run)
        if seen is None:
            return Observation(run=run, seen=Seen.ABSENT)
        if seen.seen is Seen.PREPARING:
            self._see(run, Seen.STARTING)
        elif seen.seen is Seen.STARTING:
            kind = self.world.orders[run].sheet.main_class.rpartition(".")[2]
            self._see(run, *_AFTER_START.get(kind, (Seen.RUNNING, "")))
        return seen

    def _write_savepoint(self, run: RunId, savepoint: Savepoint) -> str:
        """Its address, below the folder of its id, as Flink does; with files where there is a folder for them."""
        order = self.world.orders.get(run)
        folder = self.state_folder(order.job_id) if order else None
        name = f"savepoints/{savepoint.id}/savepoint-{run[:6]}-{savepoint.id[:12]}"
        if folder is None:
            return f"s3://elsewhere/{name}"  # out of sight
        path = folder.path / name
        path.mkdir(parents=True, exist_ok=True)
        for file, data in SAVEPOINT_FILES.items():
            (path / file).write_bytes(data)
        return f"{folder.address}/{name}"

    def _see(self, run: RunId, seen: Seen, said: str = "") -> None:
        """Savepoints that are whole stay so: they lie on a disk."""
        before = self.world.runs.get(run)
        since = before.since if before else self._clock.now()
        known = before.savepoints if before else {}
        whole = {one: news for one, news in known.items() if news.seen is SavepointSeen.COMPLETED}
        self.world.runs[run] = Observation(run=run, seen=seen, said=said, since=since, savepoints=whole)

    def _tell(self, run: RunId, savepoint_id: SavepointId, news: SavepointNews) -> None:
        seen = self.world.runs[run]
        self.world.runs[run] = replace(seen, savepoints={**seen.savepoints, savepoint_id: news})

    def _answer_or_not(self) -> None:
        if self.world.trouble is not None:
            raise self.world.trouble
        if self.world.is_silent or self.world.refuses_orders:
            raise EngineUnavailable("the fake place does not answer")


def _is_under_way(seen: Observation, savepoint_id: SavepointId) -> bool:
    told = seen.savepoints.get(savepoint_id)
    return told is not None and told.seen is SavepointSeen.IN_PROGRESS
