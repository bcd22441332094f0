"""Records that live in memory: what the real ones promise, without threads or files.

A change works on a copy of everything that is remembered, which takes the place of the old one when it succeeds; so
what a failed change did is not there, and a look cannot leave anything behind.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Concatenate

from penstock.domain.bucket import Bucket
from penstock.domain.caller import Account, AccountId, Key, Project, ProjectId, Token, User, UserId
from penstock.domain.errors import AlreadyExists, NotFound, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.lifecycle import ALIVE, SETTLED, State
from penstock.domain.log import LogCursor, SubmitLog
from penstock.domain.outbox import Letter, LetterId
from penstock.domain.package import Package, PackageName
from penstock.domain.queue import Queue, QueueId, QueueSpec
from penstock.domain.run import JobId, RunId
from penstock.domain.run_sheet import RunSheet, SheetId
from penstock.domain.savepoint import SavepointId
from penstock.domain.topic import Subscription, SubscriptionUrn, Topic, TopicUrn
from penstock.ports.places import PlaceReport
from penstock.ports.records import FactListener, JobFilter, JobPage, Lease, NewJob, P, R, Tx
from penstock.testing.bucket_records import MemoryBuckets, MemoryLogCursors, MemorySubmitLogs
from penstock.testing.lease_records import MemoryLeases, MemoryNotes
from penstock.testing.package_records import MemoryPackages
from penstock.testing.place_records import MemoryPlaces, MemoryStoredRunNotes, NoteKey
from penstock.testing.savepoint_records import MemorySavepoints
from penstock.testing.topic_records import MemoryOutbox, MemorySubscriptions, MemoryTopics

_UNSETTLED = ALIVE | {State.QUEUED, State.RESTARTING}


@dataclass(slots=True)
class _Memory:
    """Everything that is remembered; its values never change, so a copy of the dictionaries is a copy of it."""

    jobs: dict[JobId, Job] = field(default_factory=dict)
    runs: dict[RunId, JobId] = field(default_factory=dict)
    sheet_of_run: dict[RunId, SheetId] = field(default_factory=dict)
    sheets: dict[SheetId, RunSheet] = field(default_factory=dict)
    savepoints: dict[SavepointId, KeptSavepoint] = field(default_factory=dict)
    facts: dict[int, Fact] = field(default_factory=dict)
    queues: dict[tuple[ProjectId, str], Queue] = field(default_factory=dict)
    packages: dict[tuple[ProjectId, PackageName], Package] = field(default_factory=dict)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    projects: dict[ProjectId, Project] = field(default_factory=dict)
    users: dict[UserId, User] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    buckets: dict[tuple[ProjectId, str], Bucket] = field(default_factory=dict)
    log_cursors: dict[tuple[RunId, str, str], LogCursor] = field(default_factory=dict)
    submit_logs: dict[tuple[JobId, int], SubmitLog] = field(default_factory=dict)
    topics: dict[TopicUrn, Topic] = field(default_factory=dict)
    subscriptions: dict[SubscriptionUrn, Subscription] = field(default_factory=dict)
    letters: dict[LetterId, Letter] = field(default_factory=dict)
    places: dict[str, PlaceReport] = field(default_factory=dict)
    run_notes: dict[NoteKey, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def copied(self) -> "_Memory":
        return _Memory(**{part.name: dict(getattr(self, part.name)) for part in fields(self)})

    def next_number(self, kind: str) -> int:
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]


class MemoryRecords:
    """`ports.records.Records`; everything happens on the event loop, between two of its turns."""

    def __init__(self) -> None:
        self._memory = _Memory()
        self._listeners: list[FactListener] = []

    async def change(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        await asyncio.sleep(0)  # as with real records, others may come first
        memory = self._memory.copied()
        tx = _MemoryTx(memory)
        result = fn(tx, *args, **kwargs)
        self._memory = memory
        self._hand_on(tx.history.added)
        return result

    async def look(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        await asyncio.sleep(0)
        return fn(_MemoryTx(self._memory.copied()), *args, **kwargs)

    def on_facts(self, listener: FactListener) -> None:
        self._listeners.append(listener)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _hand_on(self, facts: Iterable[Fact]) -> None:
        told = tuple(facts)
        for listener in self._listeners if told else ():
            listener(told)


class _MemoryTx:
    def __init__(self, memory: _Memory) -> None:
        self.jobs = _MemoryJobs(memory)
        self.sheets = _MemorySheets(memory)
        self.savepoints = MemorySavepoints(memory.savepoints, memory.jobs, memory.sheets)
        self.history = _MemoryHistory(memory)
        self.queues = _MemoryQueues(memory)
        self.packages = MemoryPackages(memory.packages, memory.sheets)
        self.callers = _MemoryCallers(memory)
        self.leases = MemoryLeases(memory.leases)
        self.notes = MemoryNotes(memory.notes)
        self.buckets = MemoryBuckets(memory.buckets)
        self.log_cursors = MemoryLogCursors(memory.log_cursors)
        self.submit_logs = MemorySubmitLogs(memory.submit_logs)
        self.topics = MemoryTopics(memory.topics, memory.subscriptions, memory.letters)
        self.subscriptions = MemorySubscriptions(memory.subscriptions, memory.letters)
        self.outbox = MemoryOutbox(memory.letters)
        self.places = MemoryPlaces(memory.places)
        self.run_notes = MemoryStoredRunNotes(memory.run_notes)


class _MemoryJobs:
    def __init__(self, memory: _Memory) -> None:
        self._memory = memory

    def add(self, new: NewJob) -> Job:
        self._refuse_taken(new.project_id, new.spec.name, None)
        job = Job(
            id=JobId(self._memory.next_number("job")),
            project_id=new.project_id,
            user_id=new.user_id,
            user_name=new.user_name,
            spec=new.spec,
            state=State.DRAFT,
            reason=new.reason,
            version=1,
            created_at=new.created_at,
            updated_at=new.created_at,
            moved_at=new.created_at,
        )
        self._memory.jobs[job.id] = job
        return job

    def find(self, project_id: ProjectId, job_id: JobId) -> Job | None:
        return next((job for job in self._shown(project_id) if job.id == job_id), None)

    def load(self, job_id: JobId) -> Job:
        if job_id not in self._memory.jobs:
            raise NotFound.of(FaultCode.JOB_UNKNOWN, job=job_id)
        return self._as_it_is(self._memory.jobs[job_id])

    def named(self, project_id: ProjectId, name: str) -> Job | None:
        return next((job for job in self._shown(project_id) if job.spec.name == name), None)

    def save(self, job: Job) -> Job:
        kept = self._memory.jobs.get(job.id)
        if kept is None or kept.version != job.version:
            raise StaleWrite(job=job.id, version=job.version)
        if job.deleted_at is None:
            self._refuse_taken(job.project_id, job.spec.name, job.id)
        self._check(job, kept)
        saved = replace(job, version=job.version + 1)
        self._memory.jobs[job.id] = saved
        if saved.newest_savepoint:
            self._memory.savepoints.setdefault(saved.newest_savepoint.id, saved.newest_savepoint)
        return saved

    def list(self, project_id: ProjectId, wanted: JobFilter) -> JobPage:
        matching = [job for job in self._shown(project_id) if _matches(job, wanted)]
        ordered = matching[::-1] if wanted.newest_first else matching
        return JobPage(total=len(matching), jobs=tuple(ordered[wanted.offset :][: wanted.limit]))

    def count_drafts(self, project_id: ProjectId) -> int:
        return sum(job.state is State.DRAFT for job in self._shown(project_id))

    def waiting(self) -> Sequence[Job]:
        queued = (job for job in self._shown() if job.state is State.QUEUED)
        return sorted(queued, key=lambda job: (job.run_asked_at or job.created_at, job.id))

    def restarting(self) -> Sequence[Job]:
        return [job for job in self._shown() if job.state is State.RESTARTING]

    def with_live_runs(self, place: str) -> Sequence[Job]:
        everyone = map(self._as_it_is, self._memory.jobs.values())
        return [job for job in everyone if job.live_run and job.live_run.place == place]

    def holding_room(self) -> Sequence[Job]:
        everyone = map(self._as_it_is, self._memory.jobs.values())
        return [job for job in everyone if job.live_run or (job.restarts_itself and not job.deleted_at)]

    def runs_of(self, sheet_id: SheetId) -> Sequence[RunId]:
        return [run for run, of in reversed(self._memory.sheet_of_run.items()) if of == sheet_id]

    def unsettled_on(self, project_id: ProjectId, queue_name: str) -> int:
        on_queue = (job for job in self._shown(project_id) if job.spec.queue_name.lower() == queue_name.lower())
        return sum(job.state in _UNSETTLED for job in on_queue)

    def count_by_state(self) -> Mapping[State, int]:
        return Counter(job.state for job in self._shown())

    def _shown(self, project_id: ProjectId | None = None) -> Sequence[Job]:
        shown = (self._as_it_is(job) for job in self._memory.jobs.values() if job.deleted_at is None)
        return [job for job in shown if project_id in {None, job.project_id}]

    def _as_it_is(self, job: Job) -> Job:
        """With what became of its newest savepoint."""
        newest = job.newest_savepoint
        return replace(job, newest_savepoint=self._memory.savepoints[newest.id]) if newest else job

    def _refuse_taken(self, project_id: ProjectId, name: str, own_id: JobId | None) -> None:
        other = self.named(project_id, name)
        if other and other.id != own_id:
            raise AlreadyExists([Fault.at("name", FaultCode.NAME_TAKEN, name=name)])

    def _check(self, job: Job, kept: Job) -> None:
        """What the tables of a real database would not take either; each is a mistake in our own code."""
        if (job.ended_at is not None) != (job.state in SETTLED):
            raise ValueError(f"job {job.id} is {job.state}, and its end is {job.ended_at}")
        if job.run is None:
            return
        if kept.live_run and kept.live_run.id != job.run.id:
            raise ValueError(f"job {job.id} would have two live runs")
        if job.run.sheet_id not in self._memory.sheets:
            raise ValueError(f"job {job.id} has a run without a sheet: {job.run.sheet_id}")
        if self._memory.runs.setdefault(job.run.id, job.id) != job.id:
            raise ValueError(f"run {job.run.id} is another job's")
        self._memory.sheet_of_run.setdefault(job.run.id, job.run.sheet_id)


def _matches(job: Job, wanted: JobFilter) -> bool:
    return (
        (not wanted.states or job.state in wanted.states)
        and (not wanted.queue_name or job.spec.queue_name.lower() == wanted.queue_name.lower())
        and wanted.name in job.spec.name
        and wanted.user_name in {"", job.user_name}
        and set(wanted.tags) <= set(job.spec.tags)
    )


class _MemorySheets:
    def __init__(self, memory: _Memory) -> None:
        self._memory = memory

    def add(self, job_id: JobId, sheet: RunSheet) -> None:
        if job_id not in self._memory.jobs or sheet.id in self._memory.sheets:
            raise ValueError(f"sheet {sheet.id} is there already, or job {job_id} is not")
        self._memory.sheets[sheet.id] = sheet

    def load(self, sheet_id: SheetId) -> RunSheet:
        if sheet_id not in self._memory.sheets:
            raise NotFound.of(FaultCode.JOB_UNKNOWN, "sheet", job=sheet_id)
        return self._memory.sheets[sheet_id]


class _MemoryHistory:
    def __init__(self, memory: _Memory) -> None:
        self._memory = memory
        self.added: list[Fact] = []

    def add(self, fact: Fact) -> None:
        self._memory.facts[self._memory.next_number("fact")] = fact
        self.added.append(fact)

    def of_job(self, job_id: JobId, *, limit: int = 1000, offset: int = 0) -> Sequence[Fact]:
        return [fact for fact in self._memory.facts.values() if fact.job_id == job_id][offset:][:limit]


class _MemoryQueues:
    def __init__(self, memory: _Memory) -> None:
        self._memory = memory

    def add(self, project_id: ProjectId, spec: QueueSpec, owner: str, now: datetime) -> Queue:
        kept = replace(spec, name=spec.name.lower())
        if self.find(project_id, kept.name):
            raise AlreadyExists([Fault.at("queue_name", FaultCode.QUEUE_TAKEN, queue=kept.name)])
        queue_id = QueueId(self._memory.next_number("queue"))
        queue = Queue(id=queue_id, project_id=project_id, spec=kept, owner=owner, created_at=now)
        self._memory.queues[project_id, kept.name] = queue
        return queue

    def find(self, project_id: ProjectId, name: str) -> Queue | None:
        return self._memory.queues.get((project_id, name.lower()))

    def list(self, project_id: ProjectId) -> Sequence[Queue]:
        return [queue for queue in self.all() if queue.project_id == project_id]

    def all(self) -> Sequence[Queue]:
        return [queue for _, queue in sorted(self._memory.queues.items(), key=lambda item: item[0])]

    def delete(self, queue: Queue) -> None:
        kept = self._memory.queues.get((queue.project_id, queue.name))
        if kept and kept.id == queue.id:
            del self._memory.queues[queue.project_id, queue.name]


class _MemoryCallers:
    def __init__(self, memory: _Memory) -> None:
        self._memory = memory

    def is_empty(self) -> bool:
        return not self._memory.accounts

    def add_account(self, account: Account) -> None:
        _add(self._memory.accounts, account.id, account)

    def add_project(self, project: Project) -> None:
        if any(known.name == project.name for known in self.projects_of(project.account_id)):
            raise AlreadyExists([Fault.at("name", FaultCode.PROJECT_TAKEN, project=project.name)])
        _add(self._memory.projects, project.id, project)

    def add_user(self, user: User) -> None:
        if self.user_named(user.account_id, user.name):
            raise AlreadyExists([Fault.at("name", FaultCode.USER_TAKEN, user=user.name)])
        _add(self._memory.users, user.id, user)

    def add_key(self, key: Key) -> None:
        _add(self._memory.keys, key.access, key)

    def add_token(self, token: Token) -> None:
        _add(self._memory.tokens, token.hash, token)

    def user(self, user_id: UserId) -> User | None:
        return self._memory.users.get(user_id)

    def project(self, project_id: ProjectId) -> Project | None:
        return self._memory.projects.get(project_id)

    def projects_of(self, account_id: AccountId) -> Sequence[Project]:
        owned = (project for project in self._memory.projects.values() if project.account_id == account_id)
        return sorted(owned, key=lambda project: project.name)

    def key(self, access: str) -> Key | None:
        return self._memory.keys.get(access)

    def keys_of(self, user_id: UserId) -> Sequence[Key]:
        owned = (key for key in self._memory.keys.values() if key.user_id == user_id)
        return sorted(owned, key=lambda key: (key.created_at, key.access))

    def token(self, token_hash: str) -> Token | None:
        return self._memory.tokens.get(token_hash)

    def account(self, account_id: AccountId) -> Account | None:
        return self._memory.accounts.get(account_id)

    def accounts(self) -> Sequence[Account]:
        return sorted(self._memory.accounts.values(), key=lambda account: account.name)

    def projects(self) -> Sequence[Project]:
        return [project for account in self.accounts() for project in self.projects_of(account.id)]

    def save_project(self, project: Project) -> None:
        self._memory.projects[project.id] = project

    def users(self) -> Sequence[User]:
        names = {account.id: account.name for account in self.accounts()}
        return sorted(self._memory.users.values(), key=lambda user: (names[user.account_id], user.name))

    def user_named(self, account_id: AccountId, name: str) -> User | None:
        named = (user for user in self._memory.users.values() if (user.account_id, user.name) == (account_id, name))
        return next(named, None)

    def save_user(self, user: User) -> None:
        self._memory.users[user.id] = user

    def forget_key(self, access: str) -> bool:
        return self._memory.keys.pop(access, None) is not None

    def tokens(self, prefix: str = "", *, limit: int = 100, offset: int = 0) -> Sequence[Token]:
        found = [token for token in self._memory.tokens.values() if token.hash.startswith(prefix)]
        found.sort(key=lambda token: token.hash)
        found.sort(key=lambda token: token.issued_at, reverse=True)
        return found[offset : offset + limit]

    def forget_token(self, token_hash: str) -> bool:
        return self._memory.tokens.pop(token_hash, None) is not None

    def forget_tokens(self, before: datetime) -> int:
        expired = [token.hash for token in self._memory.tokens.values() if token.expires_at < before]
        for token_hash in expired:
            del self._memory.tokens[token_hash]
        return len(expired)


def _add(table: dict[Any, Any], key: str, value: object) -> None:
    if key in table:
        raise ValueError(f"{key} is there already")
    table[key] = value
