"""One run on its way from an order to a job that runs: claim, start, submit, watch.

It goes on until Flink has said that every task runs, that the job is over, or why it never will run; trouble that
passes is tried again with pauses. Dying half-way is no loss: the pair's journal says how far it came.
"""

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from penstock.domain.errors import EngineUnavailable, ObjectMissing, StorageError
from penstock.domain.observation import ENDED, Seen
from penstock.domain.run import flink_job_id
from penstock.engines.local.journal import Claim, Note
from penstock.engines.local.pair import Pair
from penstock.engines.local.pairs import Pairs
from penstock.engines.local.progress import PairProgress
from penstock.engines.local.settings import LocalSettings
from penstock.engines.local.shape import shape_of
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
_WATCH_EVERY = 0.03  # seconds, while a job is fresh: who asked for it may be waiting
_WATCH_FOR = 20.0  # seconds; after that the rounds of who observes are enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every launch of a place uses."""

    pairs: Pairs
    bundles: Bundles
    settings: LocalSettings
    around: Surroundings


class Launching:
    """The state of one launch, open to who observes."""

    def __init__(self, order: LaunchOrder, tools: Tools) -> None:
        self.order = order
        self.started_at: datetime | None = None  # None while it waits for its turn to start
        self.trouble = ""
        self._tools = tools

    async def run(self) -> None:
        tries = 0
        while True:
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
                self._stir()

    async def _once(self) -> None:
        pair = await self._pair()
        if pair.notes.keys() & {Note.SUBMITTED, Note.REFUSED, Note.STOPPED}:
            return
        if Note.SUBMITTING in pair.notes and not pair.manager_lives:
            return  # its job may have run: it is lost, and not ours to launch again
        await self._bring_up(pair)
        answer = await self._submit(pair)
        self._stir()
        if answer is Answer.REFUSED:
            await pair.kill()  # its main() may still be running
        else:
            await self._watch(pair)

    async def _pair(self) -> Pair:
        """The one that was claimed before, unless it died before anything was sent to it."""
        pairs, order = self._tools.pairs, self.order
        pair = pairs.of_run(order.run)
        if pair is not None and not pair.notes.keys() & {Note.READY, Note.SUBMITTING}:
            await pairs.discard(pair)
            pair = None
        if pair is not None and not pair.manager_lives and Note.SUBMITTING not in pair.notes:
            await pairs.discard(pair)
            pair = None
        return pair or await pairs.claim(Claim(run=order.run, job_id=order.job_id), shape_of(order.sheet.footprint))

    async def _bring_up(self, pair: Pair) -> None:
        if Note.READY in pair.notes:
            self._note_start(pair)
            return
        async with self._tools.pairs.starts.turn(urgent=True):
            self._note_start(pair)
            self._stir()
            await self._tools.pairs.bring_up(pair, self._tools.settings.start_limit)

    async def _submit(self, pair: Pair) -> Answer:
        try:
            bundle = await self._tools.bundles.fetch(self.order.sheet)
            files = await self._tools.bundles.files(self.order.sheet)
        except (NotAnArchive, ObjectMissing) as error:
            await pair.note(Note.REFUSED, str(error))
            return Answer.REFUSED
        await asyncio.to_thread(_lay_files, files, pair.journal.folders.work)
        limit = self._tools.settings.main_limit
        handover = Handover(bundle=bundle, submission=self._submission(), main_limit=limit)
        return await submit(pair.rest, handover, PairProgress(pair))

    def _submission(self) -> Submission:
        order, sheet = self.order, self.order.sheet
        state = state_folder(self._tools.around, order.job_id)
        return Submission(
            job_id=flink_job_id(self._tools.around.installation, order.run),
            main_class=sheet.main_class,
            arguments=sheet.arguments,
            parallelism=sheet.footprint.parallelism,
            savepoint=order.restore_from or sheet.state_path,
            config=job_config(sheet.spec, f"file://{state}"),
        )

    async def _watch(self, pair: Pair) -> None:
        """Tell of each step until every task runs, or the job is over."""
        job_id = flink_job_id(self._tools.around.installation, self.order.run)
        before = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_WATCH_FOR):
                while before not in {Seen.RUNNING, *ENDED}:
                    view = await pair.rest.job(job_id)
                    seen = seen_of(view, ran=False) if view else Seen.LOST
                    if seen is not before:
                        before = seen
                        self._stir()
                    await asyncio.sleep(_WATCH_EVERY)

    def _note_start(self, pair: Pair) -> None:
        self.started_at = self.started_at or pair.begun_at or self._tools.around.clock.now()
        pair.begun_at = self.started_at

    def _stir(self) -> None:
        self._tools.around.stir(self.order.run)


def state_folder(around: Surroundings, job_id: int) -> Path:
    return around.jobs_folder / str(job_id) / "state"


def _lay_files(files: Sequence[tuple[str, Path]], work: Path) -> None:
    """User code may open them by path as well; a copy each, since it may also write to them."""
    place = work / "userData"
    place.mkdir(exist_ok=True)
    for name, source in files:
        shutil.copyfile(source, place / name)
