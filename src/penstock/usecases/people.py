"""Users and projects, as an operator sees them: of every account. An account is made with its first user or project."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from penstock.domain.caller import (
    Account,
    AccountId,
    Caller,
    Project,
    ProjectId,
    User,
    UserId,
    name_faults,
    password_faults,
)
from penstock.domain.errors import Invalid, NotFound, NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import SETTLED, State
from penstock.ports.records import JobFilter, Tx
from penstock.usecases.access import demand_operator
from penstock.usecases.desk import Desk

_ACTIVE = frozenset(State) - SETTLED - {State.DRAFT}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Without an account they are of the operator's own; without a password they sign with keys only."""

    name: str
    account: str = ""
    password: str = field(default="", repr=False)
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A user with their account."""

    user: User
    account: Account


@dataclass(frozen=True, slots=True)
class Place:
    """A project with its account."""

    project: Project
    account: Account


async def list_users(desk: Desk, caller: Caller) -> Sequence[Person]:
    """Disabled ones too. Raises NotAllowed unless an operator asks, as all of this does."""
    demand_operator(caller)
    return await desk.records.look(_people)


async def create_user(desk: Desk, caller: Caller, new: NewUser) -> Person:
    """Raises Invalid, or AlreadyExists if the account has one of that name."""
    demand_operator(caller)
    if faults := list(_faults_of(new)):
        raise Invalid(faults)
    kept = await desk.passwords.hashed(new.password) if new.password else ""
    return await desk.records.change(_add_user, desk, caller, new, kept)


async def set_password(desk: Desk, caller: Caller, user_id: str, password: str) -> None:
    """An empty one takes it away: the user signs with keys only. Raises NotFound or Invalid."""
    demand_operator(caller)
    if password and (faults := list(password_faults(password))):
        raise Invalid(faults)
    kept = await desk.passwords.hashed(password) if password else ""
    await desk.records.change(_save_password, user_id, kept)


async def disable_user(desk: Desk, caller: Caller, user_id: str) -> None:
    """Their keys, tokens and password are refused from now on; what they made stays. Raises NotFound or NotNow."""
    demand_operator(caller)
    if user_id == caller.user.id:
        raise NotNow.of(FaultCode.USER_IS_YOURSELF, "user_id")
    await desk.records.change(_disable, desk, user_id)


async def list_projects(desk: Desk, caller: Caller) -> Sequence[Place]:
    """Closed ones too."""
    demand_operator(caller)
    return await desk.records.look(_places)


async def create_project(desk: Desk, caller: Caller, name: str, account: str = "") -> Place:
    """Raises Invalid, or AlreadyExists if the account has, or had, one of that name."""
    demand_operator(caller)
    if faults := [*name_faults("name", name), *(name_faults("account", account) if account else ())]:
        raise Invalid(faults)
    return await desk.records.change(_add_project, desk, caller, name, account)


async def close_project(desk: Desk, caller: Caller, project_id: str) -> None:
    """Nobody reaches it from now on; what is in it stays. Raises NotFound, or NotNow while jobs wait or run in it."""
    demand_operator(caller)
    await desk.records.change(_close, desk, project_id)


def found_user(tx: Tx, user_id: str) -> User:
    """One who is not disabled. Raises NotFound."""
    user = tx.callers.user(UserId(user_id))
    if user is None or not user.is_enabled:
        raise NotFound.of(FaultCode.USER_UNKNOWN, "user_id", user=user_id)
    return user


def accounts_by_id(tx: Tx) -> dict[AccountId, Account]:
    """All of them."""
    return {account.id: account for account in tx.callers.accounts()}


def _faults_of(new: NewUser) -> Iterator[Fault]:
    yield from name_faults("name", new.name)
    if new.account:
        yield from name_faults("account", new.account)
    if new.password:
        yield from password_faults(new.password)


def _people(tx: Tx) -> Sequence[Person]:
    accounts = accounts_by_id(tx)
    return [Person(user, accounts[user.account_id]) for user in tx.callers.users()]


def _places(tx: Tx) -> Sequence[Place]:
    accounts = accounts_by_id(tx)
    return [Place(project, accounts[project.account_id]) for project in tx.callers.projects()]


def _add_user(tx: Tx, desk: Desk, caller: Caller, new: NewUser, password_hash: str) -> Person:
    account = _account(tx, desk, caller, new.account)
    user = User(
        id=UserId(desk.ids.hex(32)),
        account_id=account.id,
        name=new.name,
        is_operator=new.is_operator,
        password_hash=password_hash,
    )
    tx.callers.add_user(user)
    return Person(user, account)


def _add_project(tx: Tx, desk: Desk, caller: Caller, name: str, account_name: str) -> Place:
    account = _account(tx, desk, caller, account_name)
    project = Project(id=ProjectId(desk.ids.hex(32)), account_id=account.id, name=name)
    tx.callers.add_project(project)
    return Place(project, account)


def _account(tx: Tx, desk: Desk, caller: Caller, named: str) -> Account:
    """The one of this id or name, a new one if there is none; without a name the caller's own."""
    wanted = named or caller.user.account_id
    for account in tx.callers.accounts():
        if wanted in {account.id, account.name}:
            return account
    account = Account(id=AccountId(desk.ids.hex(32)), name=named)
    tx.callers.add_account(account)
    return account


def _save_password(tx: Tx, user_id: str, password_hash: str) -> None:
    tx.callers.save_user(replace(found_user(tx, user_id), password_hash=password_hash))


def _disable(tx: Tx, desk: Desk, user_id: str) -> None:
    tx.callers.save_user(replace(found_user(tx, user_id), disabled_at=desk.clock.now()))


def _close(tx: Tx, desk: Desk, project_id: str) -> None:
    project = tx.callers.project(ProjectId(project_id))
    if project is None or not project.is_open:
        raise NotFound.of(FaultCode.PROJECT_UNKNOWN, "project_id", project=project_id)
    if jobs := tx.jobs.list(project.id, JobFilter(states=_ACTIVE, limit=1)).total:
        raise NotNow.of(FaultCode.PROJECT_BUSY, "project_id", project=project.name, jobs=jobs)
    tx.callers.save_project(replace(project, closed_at=desk.clock.now()))
