"""Our memory, as the inside sees it: named statements, inside one plain function per transaction.

`await records.change(fn, *args)` runs the plain function `fn(tx, *args)` in a thread, in one transaction. It cannot
await, so no transaction can hold a network call. Facts added inside are handed to the listeners once it has committed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from penstock.domain.caller import Account, AccountId, Key, Project, ProjectId, Token, User, UserId
from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.domain.lifecycle import State
from penstock.domain.package import Package, PackageKind, PackageName
from penstock.domain.queue import Queue, QueueSpec
from penstock.domain.reason import Reason
from penstock.domain.run import JobId, RunId
from penstock.domain.run_sheet import RunSheet, SheetId
from penstock.domain.savepoint import SavepointId
from penstock.domain.spec import JobSpec
from penstock.ports.buckets import Buckets, LogCursors, SubmitLogs
from penstock.ports.places import Places
from penstock.ports.run_notes import StoredRunNotes
from penstock.ports.topics import Outbox, Subscriptions, Topics

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A draft about to be stored."""

    project_id: ProjectId
    user_id: str
    user_name: str
    spec: JobSpec
    reason: Reason
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs of a project to list; empty means all. `name` is a substring, `queue_name` matches in any case."""

    states: Collection[State] = ()
    queue_name: str = ""
    name: str = ""
    user_name: str = ""
    tags: tuple[tuple[str, str], ...] = ()  # all of them
    newest_first: bool = True
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """`total` counts the matches before paging."""

    total: int
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Which controller may act, until when; `epoch` grows with every new holder, and old epochs may not write."""

    name: str
    holder: str
    epoch: int
    until: datetime


class Jobs(Protocol):
    """Jobs with their newest run. Deleted ones show only where it says so."""

    def add(self, new: NewJob) -> Job:
        """A draft with a new id, never used before. Raises AlreadyExists if the project has a job of that name."""
        ...

    def find(self, project_id: ProjectId, job_id: JobId) -> Job | None: ...

    def load(self, job_id: JobId) -> Job:
        """Also a deleted one. Raises NotFound."""
        ...

    def named(self, project_id: ProjectId, name: str) -> Job | None: ...

    def save(self, job: Job) -> Job:
        """Job and run, guarded by `job.version`; the answer carries the next version. Raises StaleWrite, and
        AlreadyExists if a rename met another job's name."""
        ...

    def list(self, project_id: ProjectId, wanted: JobFilter) -> JobPage: ...

    def count_drafts(self, project_id: ProjectId) -> int:
        """Jobs that never ran."""
        ...

    def waiting(self) -> Sequence[Job]:
        """Queued ones of all projects, in the order of `run_asked_at`, then id."""
        ...

    def restarting(self) -> Sequence[Job]: ...

    def with_live_runs(self, place: str) -> Sequence[Job]:
        """Also deleted ones: their run still has to go."""
        ...

    def holding_room(self) -> Sequence[Job]:
        """Also deleted ones: a live run, or one whose room waits for the job's next run (`restarts_itself`)."""
        ...

    def runs_of(self, sheet_id: SheetId) -> Sequence[RunId]:
        """Every run that ran this sheet, newest first."""
        ...

    def unsettled_on(self, project_id: ProjectId, queue_name: str) -> int:
        """Jobs that name the queue (in any case) and are queued, restarting or alive."""
        ...

    def count_by_state(self) -> Mapping[State, int]: ...


class Sheets(Protocol):
    """Run sheets; never changed, never deleted."""

    def add(self, job_id: JobId, sheet: RunSheet) -> None: ...

    def load(self, sheet_id: SheetId) -> RunSheet:
        """Raises NotFound."""
        ...


class Savepoints(Protocol):
    """Savepoints that runs can begin from; a job brings its newest one along when it is saved."""

    def load(self, savepoint_id: SavepointId) -> KeptSavepoint:
        """Raises NotFound."""
        ...

    def save(self, savepoint: KeptSavepoint) -> None:
        """As it is from now on."""
        ...

    def to_copy(self, place: str, but: Collection[SavepointId] = ()) -> Sequence[KeptSavepoint]:
        """Those of the place whose copy is wanted and not whole yet, deleted jobs' too, but these: the oldest first, a
        hundred at most."""
        ...

    def outlived(self, place: str) -> Sequence[KeptSavepoint]:
        """Those whose files are at the place beside a whole copy, though their job has a newer one, and did not begin
        from them when it was last asked to run: the oldest first, a hundred at most."""
        ...


class History(Protocol):
    """What happened to a job, oldest first."""

    def add(self, fact: Fact) -> None: ...

    def of_job(self, job_id: JobId, *, limit: int = 1000, offset: int = 0) -> Sequence[Fact]: ...


class Queues(Protocol):
    """Queues by project and lower-case name."""

    def add(self, project_id: ProjectId, spec: QueueSpec, owner: str, now: datetime) -> Queue:
        """The name is stored in lower case. Raises AlreadyExists."""
        ...

    def find(self, project_id: ProjectId, name: str) -> Queue | None:
        """Whatever the case of `name`."""
        ...

    def list(self, project_id: ProjectId) -> Sequence[Queue]:
        """In the order of the names."""
        ...

    def all(self) -> Sequence[Queue]: ...

    def delete(self, queue: Queue) -> None: ...


class Packages(Protocol):
    """Packages by project, group and name."""

    def put(self, package: Package) -> Package:
        """Make it, or point its name at new content (`created_at` stays as it was)."""
        ...

    def find(self, project_id: ProjectId, name: PackageName) -> Package | None: ...

    def list(self, project_id: ProjectId, kind: PackageKind | None = None) -> Sequence[Package]:
        """In the order of group, then name."""
        ...

    def uploading(self) -> Sequence[Package]:
        """Of all projects, those whose content is to be copied; who asked first comes first."""
        ...

    def delete(self, project_id: ProjectId, name: PackageName) -> bool:
        """Whether there was one."""
        ...

    def named_blobs(self) -> frozenset[str]:
        """Every content that a package or a run sheet names."""
        ...


class Callers(Protocol):
    """Accounts, projects, users, keys, tokens."""

    def is_empty(self) -> bool:
        """Nobody is known yet: this is the first start."""
        ...

    def add_account(self, account: Account) -> None: ...

    def add_project(self, project: Project) -> None:
        """Raises AlreadyExists if the account has one of that name."""
        ...

    def add_user(self, user: User) -> None:
        """Raises AlreadyExists if the account has one of that name."""
        ...

    def add_key(self, key: Key) -> None: ...

    def add_token(self, token: Token) -> None: ...

    def user(self, user_id: UserId) -> User | None: ...

    def project(self, project_id: ProjectId) -> Project | None: ...

    def projects_of(self, account_id: AccountId) -> Sequence[Project]:
        """Closed ones too, in the order of the names."""
        ...

    def key(self, access: str) -> Key | None: ...

    def keys_of(self, user_id: UserId) -> Sequence[Key]: ...

    def token(self, token_hash: str) -> Token | None: ...

    def account(self, account_id: AccountId) -> Account | None: ...

    def accounts(self) -> Sequence[Account]:
        """In the order of the names."""
        ...

    def projects(self) -> Sequence[Project]:
        """Of all accounts, closed ones too, in the order of account and name."""
        ...

    def save_project(self, project: Project) -> None: ...

    def users(self) -> Sequence[User]:
        """Of all accounts, disabled ones too, in the order of account and name."""
        ...

    def user_named(self, account_id: AccountId, name: str) -> User | None: ...

    def save_user(self, user: User) -> None: ...

    def forget_key(self, access: str) -> bool:
        """Whether there was one."""
        ...

    def tokens(self, prefix: str = "", *, limit: int = 100, offset: int = 0) -> Sequence[Token]:
        """Those whose hash begins so, the newest first."""
        ...

    def forget_token(self, token_hash: str) -> bool:
        """Whether there was one."""
        ...

    def forget_tokens(self, before: datetime) -> int:
        """Those that expired before then; how many there were."""
        ...


class Leases(Protocol):
    """Who may act."""

    def take(self, name: str, holder: str, now: datetime, keep: timedelta) -> Lease | None:
        """A new one, or a longer one for the same holder (same epoch); None while another holder's runs."""
        ...

    def demand(self, lease: Lease) -> None:
        """Raises LeaseLost unless this holder and epoch are still the newest."""
        ...

    def give_up(self, lease: Lease) -> None: ...


class Notes(Protocol):
    """Small facts about the installation itself, written once."""

    def settle(self, key: str, value: str) -> str:
        """The value that the key has from now on: the one that was there, else this one."""
        ...

    def find(self, key: str) -> str | None: ...

    def forget(self, key: str) -> None:
        """It may be settled anew. One that is not there is no error."""
        ...


class Tx(Protocol):
    """One transaction."""

    @property
    def jobs(self) -> Jobs: ...
    @property
    def sheets(self) -> Sheets: ...
    @property
    def savepoints(self) -> Savepoints: ...
    @property
    def history(self) -> History: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def packages(self) -> Packages: ...
    @property
    def callers(self) -> Callers: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def buckets(self) -> Buckets: ...
    @property
    def log_cursors(self) -> LogCursors: ...
    @property
    def submit_logs(self) -> SubmitLogs: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def places(self) -> Places: ...
    @property
    def run_notes(self) -> StoredRunNotes: ...


FactListener = Callable[[Iterable[Fact]], None]


class Records(Protocol):
    """The unit of work. A function that raises leaves nothing behind."""

    async def change(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """One writing transaction; changes are one after another."""
        ...

    async def look(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """One reading transaction; beside others."""
        ...

    def on_facts(self, listener: FactListener) -> None:
        """Called on the event loop, after the commit, with the facts of one transaction."""
        ...
