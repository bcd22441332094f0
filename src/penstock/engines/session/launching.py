"""One run on its way from an order to a job that runs: build, upload, submit, watch.

It goes on until Flink has said that every task runs, that the job is over, or why it never will run; trouble that
passes is tried again with pauses. Dying half-way is no loss: the notes say how far it came, and what Flink knows by the
run's id is never sent again.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from penstock.domain.errors import EngineUnavailable, ObjectMissing, StorageError
from penstock.domain.observation import ENDED, Seen
from penstock.domain.run import RunId, flink_job_id
from penstock.engines.session.cluster import Cluster
from penstock.engines.session.notes import Ledger, Note
from penstock.engines.session.state import has_made_state
from penstock.flink.bundles import Bundles
from penstock.flink.job_config import job_config
from penstock.flink.rest import Submission
from penstock.flink.states import seen_of
from penstock.flink.submission import Answer, Handover, submit
from penstock.jars.archive import NotAnArchive
from penstock.ports.engine import LaunchOrder
from penstock.ports.surroundings import Surroundings

_log = structlog.get_logger()
_PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0)  # seconds after trouble; the last one from then on
_WATCH_EVERY = 0.05  # seconds, while a job is fresh: who asked for it may be waiting
_WATCH_FOR = 20.0  # seconds; after that the rounds of who observes are enough
_GRACE = 2.0  # seconds that a main() gets to end after its job was taken, so that its jar can be removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every launch of a place uses."""

    cluster: Cluster
    ledger: Ledger
    bundles: Bundles
    around: Surroundings
    main_limit: float  # seconds


class Launching:
    """The state of one launch, open to who observes."""

    def __init__(self, order: LaunchOrder, state: str, tools: Tools) -> None:
        self.order = order
        self.started_at: datetime | None = None  # None until its cluster answers
        self.trouble = ""
        self.is_sending = False  # its main() may be running, so its job may come
        self.is_unwanted = False
        self._state = state
        self._tools = tools
        self._job_id = flink_job_id(tools.around.installation, order.run)

    async def run(self) -> None:
        tries = 0
        while not self.is_unwanted:
            try:
                await self._once()
            except (EngineUnavailable, StorageError, OSError) as error:
                self.trouble = str(error)
                _log.warning("launch met trouble", run=self.order.run, why=self.trouble)
                await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
            else:
                return
            finally:
                self.is_sending = False
                self._stir()

    async def submitting(self) -> None:
        self.is_sending = True
        await self._tools.ledger.settle(self.order.run, Note.SUBMITTING, self._tools.around.clock.now().isoformat())

    async def submitted(self) -> None:
        await self._tools.ledger.settle(self.order.run, Note.SUBMITTED)

    async def refused(self, why: str) -> None:
        await self._tools.ledger.settle(self.order.run, Note.REFUSED, why)

    async def exit_code(self) -> int | None:
        """The processes are not ours."""
        return None

    async def _once(self) -> None:
        known = await self._tools.ledger.of_run(self.order.run)
        # Another controller may have gone on, and discarded it, while this one stood still.
        if Note.CLAIMED not in known or known.is_settled:
            return
        is_known = await self._tools.cluster.rest.job(self._job_id) is not None
        self.started_at = self.started_at or known.submitting_since or self._tools.around.clock.now()
        self._stir()
        if not is_known and Note.SUBMITTING in known and await has_made_state(self._state, self._job_id):
            await self.submitted()  # it ran, and its cluster has lost it: that is not ours to launch again
            return
        answer = await self._submit()
        self.is_sending = False
        self._stir()
        if answer is Answer.TAKEN and not self.is_unwanted:
            await self._watch()

    async def _submit(self) -> Answer:
        try:
            bundle = await self._tools.bundles.fetch(self.order.sheet)
        except (NotAnArchive, ObjectMissing) as error:
            await self.refused(str(error))
            return Answer.REFUSED
        return await submit(self._tools.cluster.rest, self._handover(bundle), self)

    def _handover(self, bundle: Path) -> Handover:
        order, sheet = self.order, self.order.sheet
        submission = Submission(
            job_id=self._job_id,
            main_class=sheet.main_class,
            arguments=sheet.arguments,
            parallelism=sheet.footprint.parallelism,
            savepoint=order.restore_from or sheet.state_path,
            config=job_config(sheet.spec, self._state),
        )
        return Handover(bundle=bundle, submission=submission, main_limit=self._tools.main_limit, grace=_GRACE)

    async def _watch(self) -> None:
        """Tell of each step until every task runs, or the job is over."""
        before = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_WATCH_FOR):
                while before not in {Seen.RUNNING, *ENDED} and not self.is_unwanted:
                    view = await self._tools.cluster.rest.job(self._job_id)
                    seen = seen_of(view, ran=False) if view else Seen.LOST
                    if seen is not before:
                        before = seen
                        self._stir()
                    await asyncio.sleep(_WATCH_EVERY)

    def _stir(self) -> None:
        self._tools.around.stir(self.order.run)


class Launches:
    """Those under way in this process; a task group owns them."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._known: dict[RunId, tuple[Launching, asyncio.Task[None]]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def serve(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.Event().wait()
        finally:
            self._group = None
            self._known.clear()

    def of(self, run: RunId) -> Launching | None:
        launching, task = self._known.get(run, (None, None))
        return None if task is None or task.done() else launching

    def runs(self) -> set[RunId]:
        self._known = {run: known for run, known in self._known.items() if not known[1].done()}
        return set(self._known)

    def demand(self) -> None:
        """Raises EngineUnavailable unless launches can begin."""
        if self._group is None:
            raise EngineUnavailable("The session engine is not serving")

    def begin(self, order: LaunchOrder, state: str) -> None:
        """Nothing happens if the run's launch is under way."""
        self.demand()
        if self.of(order.run) is None and self._group is not None:
            launching = Launching(order, state, self._tools)
            self._known[order.run] = launching, self._group.create_task(launching.run())

    async def end(self, run: RunId, seconds: float) -> None:
        """No launch of it is under way from then on. Who is handing over its job is waited for, so that the job does not
        come later; raises EngineUnavailable if that takes longer."""
        launching, task = self._known.get(run, (None, None))
        if launching is None or task is None or task.done():
            return
        launching.is_unwanted = True
        if launching.is_sending:
            await asyncio.wait([task], timeout=seconds)
        if launching.is_sending and not task.done():
            raise EngineUnavailable("The main() of the job still runs, and cannot be interrupted: it is waited for")
        task.cancel()
        await asyncio.wait([task])
