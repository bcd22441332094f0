"""One place's runs, again and again: see, plan, write down, then act.

A pass never waits for an order to be carried out: orders run beside the passes, at most one a job, and an order that
no longer follows from the job's state is cancelled before the next one is given. What is written down is guarded by
the job's version and by the lease; what is done is idempotent under the run's name.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import structlog

from penstock.control.beginnings import Beginnings
from penstock.control.leases import LeaseKeeper
from penstock.control.rounds import attempt
from penstock.control.telling import write_alarms
from penstock.control.tools import Tools
from penstock.domain.errors import EngineUnavailable, LaunchRefused, StaleWrite
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.observation import Observation, Seen
from penstock.domain.plan import Decision, Order, Rules, plan
from penstock.domain.reason import ReasonCode
from penstock.domain.run import JobId, Run, RunId
from penstock.domain.run_sheet import RunSheet, SheetId
from penstock.ports.bell import CONTROL
from penstock.ports.engine import Engine, LaunchOrder
from penstock.ports.records import Lease, Tx

_log = structlog.get_logger()

_LIVES = frozenset({State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.PARTING})
_BEFORE_FLINK_HAS_IT = frozenset({ReasonCode.LAUNCHING, ReasonCode.WAITS_FOR_START, ReasonCode.PREPARING})
_CALM = 2.0  # seconds between two looks at a run that nothing is asked of
_BUSY = 0.1  # … at one that is on its way from one state to another
_AFTER_TROUBLE = 1.0  # … after its place did not answer an order
_IDLE = 5.0  # … without any run


@dataclass(slots=True)
class _Act:
    """An order being carried out."""

    orders: tuple[Order, ...]
    task: asyncio.Task[float | None]


@dataclass(slots=True)
class _Memory:
    """What passes remember of each other; losing it costs time, never truth."""

    next_look: dict[RunId, float] = field(default_factory=dict)
    silent_since: dict[RunId, datetime] = field(default_factory=dict)
    refused: dict[RunId, str] = field(default_factory=dict)
    held_up: dict[RunId, str] = field(default_factory=dict)  # by what its launch waits for
    acts: dict[JobId, _Act] = field(default_factory=dict)
    patience: dict[RunId, float] = field(default_factory=dict)  # no order before then

    def forget_launch(self, run: RunId) -> None:
        """It is ended: its place alone says from now on what is there."""
        self.refused.pop(run, None)
        self.held_up.pop(run, None)

    def forget_all_but(self, runs: set[RunId]) -> None:
        for kept in (self.next_look, self.silent_since, self.refused, self.held_up, self.patience):
            for run in [run for run in kept if run not in runs]:
                del kept[run]


class Reconciler:
    """Only a controller that serves a run's place may observe it: from elsewhere it would look absent."""

    def __init__(self, place: str, engine: Engine, tools: Tools, lease: LeaseKeeper, rules: Rules) -> None:
        self._place = place
        self._engine = engine
        self._records = tools.records
        self._clock = tools.clock
        self._bell = tools.bell
        self._lease = lease
        self._rules = rules
        self._beginnings = Beginnings(place, engine, tools, lease)
        self._memory = _Memory()

    def stir(self, run: RunId) -> None:
        """The run has news: the next round looks at it."""
        self._memory.next_look[run] = 0.0

    async def look(self, acts: asyncio.TaskGroup) -> float:
        """One round over the runs that are due; orders are carried out in `acts`."""
        jobs = await self._records.look(_jobs_of_place, self._place)
        runs = {job.live_run.id for job in jobs if job.live_run}
        self._memory.forget_all_but(runs)
        due = [job for job in jobs if self._is_due(job)]
        seen = await self._observe([job.live_run.id for job in due if job.live_run])
        for job in due:
            await self._pass(job, seen.get(job.live_run.id) if job.live_run else None, acts)
        return self._pause(runs)

    async def close(self) -> None:
        """Let go of what is being carried out; it is repeated by whoever looks next."""
        for job_id in list(self._memory.acts):
            await self._cancel(job_id)

    def _is_due(self, job: Job) -> bool:
        if job.live_run is None:
            return True
        changed = job.state not in {State.RUNNING, State.STOP_FAILED} or job.deleted_at is not None
        return changed or self._memory.next_look.get(job.live_run.id, 0.0) <= self._clock.monotonic()

    async def _observe(self, runs: list[RunId]) -> Mapping[RunId, Observation]:
        if not runs:
            return {}
        try:
            seen = dict(await self._engine.observe(runs))
        except EngineUnavailable as error:
            seen = {run: Observation(run=run, seen=Seen.UNREACHABLE, said=str(error)) for run in runs}
        return {run: self._remember(seen[run]) for run in runs}

    def _remember(self, seen: Observation) -> Observation:
        """Add what only memory knows: since when it is silent, and that a launch was refused, or waits for something."""
        if seen.run in self._memory.refused and seen.seen is Seen.ABSENT:
            return replace(seen, seen=Seen.REFUSED, said=self._memory.refused[seen.run])
        if seen.run in self._memory.held_up and seen.seen is Seen.ABSENT:
            return replace(seen, seen=Seen.WAITING, said=self._memory.held_up[seen.run])
        if seen.seen is not Seen.UNREACHABLE:
            self._memory.silent_since.pop(seen.run, None)
            return seen
        since = self._memory.silent_since.setdefault(seen.run, self._clock.now())
        return replace(seen, since=since)

    async def _pass(self, job: Job, seen: Observation | None, acts: asyncio.TaskGroup) -> None:
        with structlog.contextvars.bound_contextvars(
            job=job.id, run=job.run.id if job.run else None, request_id=job.request_id
        ):
            try:
                seen = await self._with_retained(job, seen)
            except EngineUnavailable as error:
                _log.warning("state not looked at", place=self._place, why=str(error))
                return
            decision = plan(job, seen, self._clock.now(), self._rules)
            await self._drop_outdated_act(job.id, decision)
            orders = decision.orders if self._may_order(job) else ()
            written = await self._write_down(job, decision, bool(orders))
            if job.live_run is None:
                return
            calm = written and decision.news is None and not decision.orders and job.state is State.RUNNING
            self._memory.next_look[job.live_run.id] = self._clock.monotonic() + (_CALM if calm else _BUSY)
            if written and orders:
                act = partial(self._act, job, job.live_run, decision)
                task = acts.create_task(attempt(f"orders {self._place}", act))
                self._memory.acts[job.id] = _Act(orders, task)

    def _may_order(self, job: Job) -> bool:
        """One order at a time; after one that failed not at once again."""
        tired = self._memory.patience.get(job.run.id, 0.0) if job.run else 0.0
        return job.id not in self._memory.acts and tired <= self._clock.monotonic()

    async def _with_retained(self, job: Job, seen: Observation | None) -> Observation | None:
        """With the state that the run left, where its job may begin again from it."""
        if seen is None or job.run is None or not _may_begin_again(job, seen):
            return seen
        runs = await self._records.look(_runs_of, job.run.sheet_id)
        return replace(seen, retained=await self._engine.retained(job.id, runs))

    async def _write_down(self, job: Job, decision: Decision, ordering: bool) -> bool:
        """Whether the job still is what was planned for, so that the orders may be given."""
        moved, facts = decision.apply(job, self._clock.now())
        if moved == job and not ordering:
            _log.debug("looked", state=job.state, why=decision.reason.code)
            return True
        try:
            await self._records.change(_write, job, moved, facts, self._lease.current)
        except StaleWrite:
            return False
        return True

    async def _drop_outdated_act(self, job_id: JobId, decision: Decision) -> None:
        act = self._memory.acts.get(job_id)
        if act is None:
            return
        if act.task.done():
            del self._memory.acts[job_id]
        elif decision.orders and decision.orders != act.orders:
            await self._cancel(job_id)

    async def _cancel(self, job_id: JobId) -> None:
        act = self._memory.acts.pop(job_id)
        act.task.cancel()
        await asyncio.wait([act.task])

    async def _act(self, job: Job, run: Run, decision: Decision) -> float:
        """Carry out the orders; trouble is told, and the next pass orders again."""
        pause = _AFTER_TROUBLE
        try:
            for order in decision.orders:
                _log.debug("ordered", order=order.value, why=decision.reason.code)
                await self._carry_out(order, job, run, decision)
            pause = _BUSY
        except LaunchRefused as error:
            self._memory.held_up.pop(run.id, None)
            self._memory.refused[run.id] = str(error)
            pause = _BUSY
        except EngineUnavailable as error:
            _log.warning("place did not answer", place=self._place, why=str(error))
        except asyncio.CancelledError:
            self._memory.held_up.pop(run.id, None)
            pause = _BUSY  # for other orders, which wait for nothing
            raise
        finally:
            self._memory.next_look[run.id] = self._clock.monotonic() + pause
            if pause == _AFTER_TROUBLE:
                self._memory.patience[run.id] = self._memory.next_look[run.id]
            if pause == _BUSY and decision.orders in {(Order.DISCARD,), (Order.HALT,)}:
                self.stir(run.id)  # its room may be free now, its logs final
                self._bell.ring(CONTROL)
        return pause

    async def _carry_out(self, order: Order, job: Job, run: Run, decision: Decision) -> None:
        match order:
            case Order.LAUNCH:
                await self._launch(job, run, is_new=decision.reason.code in _BEFORE_FLINK_HAS_IT)
            case Order.STOP:
                await self._engine.stop(run.id)
            case Order.TAKE_SAVEPOINT:
                if job.savepoint is not None:
                    await self._engine.take_savepoint(run.id, job.savepoint)
            case Order.HALT:
                await self._engine.halt(run.id)
                self._memory.forget_launch(run.id)
            case Order.DISCARD:
                await self._engine.discard(run.id)
                self._memory.forget_launch(run.id)

    async def _launch(self, job: Job, run: Run, *, is_new: bool) -> None:
        """Where the run begins matters until Flink has its job; after that no store has to answer to make it whole."""
        sheet = await self._records.look(_sheet, run.sheet_id)
        restore_from = run.restore_from
        if is_new and not restore_from:
            hold_up = partial(self._memory.held_up.__setitem__, run.id)
            restore_from = await self._beginnings.of(job.id, sheet, hold_up)
            self._memory.held_up.pop(run.id, None)
        await self._engine.launch(
            LaunchOrder(run=run.id, job_id=job.id, job_name=job.spec.name, sheet=sheet, restore_from=restore_from)
        )

    def _pause(self, runs: set[RunId]) -> float:
        now = self._clock.monotonic()
        return max(0.0, min((self._memory.next_look.get(run, now) - now for run in runs), default=_IDLE))


def _jobs_of_place(tx: Tx, place: str) -> list[Job]:
    """Jobs with a live run there, and those that wait there for their next run."""
    waiting = [job for job in tx.jobs.restarting() if job.run and not job.run.is_live and job.run.place == place]
    return [*tx.jobs.with_live_runs(place), *waiting]


def _may_begin_again(job: Job, seen: Observation) -> bool:
    """Its run ended unasked, so the state that it left matters."""
    is_new = job.state is State.LAUNCHING and seen.seen is Seen.ABSENT
    broke = seen.seen in {Seen.FAILED, Seen.LOST, Seen.ABSENT} and not is_new
    return broke and job.spec.restart_when_exception and job.state in _LIVES and job.deleted_at is None


def _runs_of(tx: Tx, sheet_id: SheetId) -> Sequence[RunId]:
    return tx.jobs.runs_of(sheet_id)


def _sheet(tx: Tx, sheet_id: SheetId) -> RunSheet:
    return tx.sheets.load(sheet_id)


def _write(tx: Tx, job: Job, moved: Job, facts: Sequence[Fact], lease: Lease) -> None:
    """Guarded twice: by the lease, and by the version that the plan was made for."""
    tx.leases.demand(lease)
    if tx.jobs.load(job.id).version != job.version:
        raise StaleWrite(f"job {job.id} changed while it was looked at")
    if moved != job:
        tx.jobs.save(moved)
    for fact in facts:
        tx.history.add(fact)
    write_alarms(tx, moved, facts)
