"""The engine itself: each verb of Penstock's engine port, with the promise that it keeps.

`penstock.ports.engine` says what every verb has to do, `penstock.testing.engine_suite` tests it. Three promises are
worth to be learnt by heart. The run's name is the claim: doing something twice under one name is doing it once. An
engine never decides: it says what it sees and does what it is told. Silence is not death: what cannot be known is
UNREACHABLE (or EngineUnavailable is raised), and ABSENT is only said by who knows.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ParamSpec, TypeVar

from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.log import LogFile, LogListing
from penstock.domain.observation import Observation, Retained, Seen
from penstock.domain.run import RunId, flink_job_id
from penstock.domain.savepoint import Savepoint
from penstock.ports.engine import Capabilities, Health, LaunchOrder, StateFolder
from penstock.ports.surroundings import Surroundings
from penstock_rehearsal.journal import Journal
from penstock_rehearsal.rehearsal import Rehearsal
from penstock_rehearsal.settings import RehearsalSettings

P = ParamSpec("P")
T = TypeVar("T")

_LOG = "jobmanager.log"  # what DLI's clients look for
# Asked before a job is created, so that what this place cannot do is refused at once and in words. `bound`: the runs
# are files of this state directory, so no service with another one may look after them.
_CAPABILITIES = Capabilities(
    flink_versions=("1.20",), default_flink_version="1.20", savepoints=False, logs=True, bound=True, many_projects=True
)
# What Flink itself calls these states; of a run that never came so far it has no document.
_FLINKS_WORDS = {
    Seen.STARTING: "CREATED",
    Seen.RUNNING: "RUNNING",
    Seen.CANCELED: "CANCELED",
    Seen.FINISHED: "FINISHED",
    Seen.FAILED: "FAILED",
}


class RehearsalEngine:
    """One place. It keeps nothing in memory that matters, so a second engine over the same folder is as good."""

    def __init__(self, settings: RehearsalSettings, journal: Journal, around: Surroundings) -> None:
        self._settings = settings
        self._journal = journal
        self._clock = around.clock  # never the machine's own: tests bring theirs
        self._installation = around.installation
        self._trouble = ""

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    async def launch(self, order: LaunchOrder) -> None:
        """Make it exist, and return soon: that it runs is told by a later observation. Called again, it changes
        nothing. A real engine would fetch the packages (`Surroundings.blobs`) and start something."""
        told: dict[str, object] = {
            "job_name": order.job_name,
            "arguments": order.sheet.arguments,
            "parallelism": order.sheet.footprint.parallelism,
            "began_at": self._clock.now().isoformat(),
            "start_seconds": self._settings.start_seconds,
        }
        await self._on_disk(self._journal.begin, order.run, told)

    async def observe(self, runs: Sequence[RunId]) -> Mapping[RunId, Observation]:
        """One answer for each run that was asked about, also for those that are not here."""
        return {run: await self._look(run) for run in runs}

    async def stop(self, run: RunId) -> None:
        """A wish: the run is seen CANCELED if it had not ended before."""
        await self._on_disk(self._journal.note_stop, run, self._clock.now())

    async def take_savepoint(self, run: RunId, savepoint: Savepoint) -> None:
        """Never called: `capabilities` says that there are none."""
        raise EngineUnavailable("a rehearsal has no state that a savepoint could hold")

    async def graph(self, run: RunId) -> Mapping[str, object] | None:
        """Flink's document of a job (`GET /jobs/:jobid`), as far as clients look at it."""
        found = await self._on_disk(self._journal.load, run)
        return None if found is None else self._document(found)

    async def retained(self, job_id: int, runs: Sequence[RunId]) -> Retained:
        """No checkpoint, and there never was one: a job that breaks here begins again from nothing."""
        return Retained()

    async def halt(self, run: RunId) -> None:
        """End what is alive of it, so that its log is final; what is known of it stays until `discard`."""
        await self._on_disk(self._journal.note_halt, run, self._clock.now())

    async def logs(self, run: RunId) -> LogListing:
        """What is there now. `incarnation` tells files of one name apart; `is_final` says that no byte will follow."""
        found = await self._on_disk(self._journal.load, run)
        if found is None:
            return LogListing(is_final=True)
        halted, size = found.halted_at is not None, len(found.log(self._clock.now()))
        return LogListing(files=(LogFile(_LOG, found.began_at.isoformat(), size, grows=not halted),), is_final=halted)

    async def read_log(self, run: RunId, file: LogFile, offset: int, limit: int) -> bytes:
        """A piece of that very file; nothing at its end, or where it is gone."""
        found = await self._on_disk(self._journal.load, run)
        if found is None or (file.name, file.incarnation) != (_LOG, found.began_at.isoformat()):
            return b""
        return found.log(self._clock.now())[offset : offset + limit]

    def state_folder(self, job_id: int) -> StateFolder | None:
        """A rehearsal keeps no state."""
        return None

    async def discard(self, run: RunId) -> None:
        """Leave nothing of it: from here on it is ABSENT, and its room is free."""
        await self._on_disk(self._journal.remove, run)

    async def list_runs(self) -> Collection[RunId]:
        """Everything that is held, wanted or not: the service discards what no job claims."""
        return await self._on_disk(self._journal.runs)

    def room(self) -> Room:
        """What there is in all; Penstock itself keeps the account. None: no limit."""
        return Room(cus=self._settings.cus)

    def health(self) -> Health:
        """Quick, from memory: it is asked by every look at the service's health."""
        return Health(ready=not self._trouble, said=self._trouble)

    async def serve(self) -> None:
        """Nothing needs to be kept up. Until cancelled: an engine that returns is served again at once."""
        await asyncio.Event().wait()

    async def _look(self, run: RunId) -> Observation:
        try:
            found = await self._on_disk(self._journal.load, run)
        except EngineUnavailable as error:
            return Observation(run=run, seen=Seen.UNREACHABLE, said=str(error))
        return found.seen(self._clock.now()) if found else Observation(run=run, seen=Seen.ABSENT)

    async def _on_disk(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """In a thread, so that a slow disk holds up nobody. A foreign error becomes one of Penstock's where it is
        met: EngineUnavailable is tried again, LaunchRefused would end the run for good."""
        try:
            done = await asyncio.to_thread(work, *given, **named)
        except OSError as error:
            self._trouble = f"the folder of this place cannot be used: {error.strerror}"
            raise EngineUnavailable(self._trouble) from error
        self._trouble = ""
        return done

    def _document(self, found: Rehearsal) -> Mapping[str, object] | None:
        now = self._clock.now()
        state = _FLINKS_WORDS.get(found.seen(now).seen)
        if state is None:
            return None
        written = found.records(now)
        vertex = {
            "id": f"{found.run:0>32}",
            "name": f"Rehearsal of {found.job_name}",
            "parallelism": found.parallelism,
            "status": state,
            "metrics": {"read-records": written, "write-records": written, "read-bytes": 0, "write-bytes": 0},
        }
        return {
            "jid": flink_job_id(self._installation, found.run),
            "name": found.job_name,
            "state": state,
            "start-time": int(found.began_at.timestamp() * 1000),
            "now": int(now.timestamp() * 1000),
            "vertices": [vertex],
        }
