"""An engine behind a guard: whatever a plugin of somebody else does, it hurts its own place only.

What the port promises is made true here: an error that is not one of ours means that the place does not answer, so does a
call that never returns, and a run that was asked about and not answered is unreachable. The trace is in the log, once as
long as the error stays the same. What no guard keeps out: code that blocks the event loop, or takes the process down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeVar

import structlog

from penstock.domain.errors import EngineUnavailable, PenstockError
from penstock.domain.footprint import Room
from penstock.domain.log import LogFile, LogListing
from penstock.domain.observation import Observation, Retained, Seen
from penstock.domain.run import RunId
from penstock.domain.savepoint import Savepoint
from penstock.ports.engine import Capabilities, Engine, Health, LaunchOrder, StateFolder

_log = structlog.get_logger()
T = TypeVar("T")

LIMIT = 120.0  # seconds; engines have shorter ones of their own


class GuardedEngine:
    """The same engine; `place` is for what is said of it."""

    def __init__(self, place: str, engine: Engine, limit: float = LIMIT) -> None:
        self._place = place
        self._engine = engine
        self._limit = limit
        self._told: set[str] = set()
        self._room = Room(cus=0, slots=0)  # nothing is admitted before the engine said what there is
        self._capabilities = Capabilities(flink_versions=(), default_flink_version="")

    @property
    def capabilities(self) -> Capabilities:
        self._capabilities = self._quick("capabilities", lambda: self._engine.capabilities, self._capabilities)
        return self._capabilities

    async def launch(self, order: LaunchOrder) -> None:
        await self._ask("launch", self._engine.launch(order))

    async def observe(self, runs: Sequence[RunId]) -> Mapping[RunId, Observation]:
        seen = await self._ask("observe", self._engine.observe(runs))
        silent = {run: _unanswered(run) for run in runs if run not in seen}
        return {**seen, **silent} if silent else seen

    async def stop(self, run: RunId) -> None:
        await self._ask("stop", self._engine.stop(run))

    async def take_savepoint(self, run: RunId, savepoint: Savepoint) -> None:
        await self._ask("take_savepoint", self._engine.take_savepoint(run, savepoint))

    async def graph(self, run: RunId) -> Mapping[str, object] | None:
        return await self._ask("graph", self._engine.graph(run))

    async def retained(self, job_id: int, runs: Sequence[RunId]) -> Retained:
        return await self._ask("retained", self._engine.retained(job_id, runs))

    def state_folder(self, job_id: int) -> StateFolder | None:
        """Raises EngineUnavailable where the engine breaks: that is not to say that there is none."""
        try:
            return self._engine.state_folder(job_id)
        except PenstockError:
            raise
        except Exception as error:
            raise EngineUnavailable(self._tell("state_folder", error)) from error

    async def logs(self, run: RunId) -> LogListing:
        return await self._ask("logs", self._engine.logs(run))

    async def read_log(self, run: RunId, file: LogFile, offset: int, limit: int) -> bytes:
        return await self._ask("read_log", self._engine.read_log(run, file, offset, limit))

    async def halt(self, run: RunId) -> None:
        await self._ask("halt", self._engine.halt(run))

    async def discard(self, run: RunId) -> None:
        await self._ask("discard", self._engine.discard(run))

    async def list_runs(self) -> Collection[RunId]:
        return await self._ask("list_runs", self._engine.list_runs())

    def room(self) -> Room:
        self._room = self._quick("room", self._engine.room, self._room)
        return self._room

    def health(self) -> Health:
        broken = Health(ready=False, said="The engine does not tell how it is: see the service's log")
        return self._quick("health", self._engine.health, broken)

    async def serve(self) -> None:
        """Without a limit. One that returns is begun again, but not at once."""
        await self._engine.serve()
        await asyncio.sleep(1)

    async def _ask(self, verb: str, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._limit):
                return await answer
        except PenstockError:
            raise
        except TimeoutError as error:
            said = f"the engine of {self._place} did not answer {verb} within {self._limit:.0f} seconds"
            raise EngineUnavailable(said) from error
        except Exception as error:
            raise EngineUnavailable(self._tell(verb, error)) from error

    def _quick(self, verb: str, ask: Callable[[], T], otherwise: T) -> T:
        try:
            return ask()
        except Exception as error:  # noqa: BLE001 - as above
            self._tell(verb, error)
            return otherwise

    def _tell(self, verb: str, error: Exception) -> str:
        said = f"the engine of {self._place} broke at {verb}: {type(error).__name__}: {error}"
        if said not in self._told:
            self._told = {said}
            _log.error("engine broke", place=self._place, verb=verb, exc_info=error)
        return said


def _unanswered(run: RunId) -> Observation:
    return Observation(run=run, seen=Seen.UNREACHABLE, said="the engine said nothing of it")
