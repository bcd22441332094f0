"""Who may ask: callers by token or key, tokens to issue, projects they may see, and the very first caller."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from penstock.domain.caller import SIGNATURE, Account, AccountId, Caller, Key, Project, ProjectId, Token, User, UserId
from penstock.domain.errors import NotAllowed, NotKnown
from penstock.domain.faults import FaultCode
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk

FIRST_PROJECT = "cn-north-4"  # clients look projects up by names of regions
_FIRST_ACCOUNT = "penstock"
_FIRST_USER = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """Whose key it is, and the secret that their signature has to be compared with."""

    caller: Caller
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    """A token that holds now, with its bearer; `project` is none where it speaks for the whole account."""

    token: Token
    caller: Caller
    account: Account
    project: Project | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token in plain text, which nobody can read again."""

    text: str = field(repr=False)
    token: Token
    project: Project | None  # none: the whole account


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the first operator needs to sign a request."""

    project_id: str
    project_name: str
    access_key: str
    secret_key: str = field(repr=False)


async def known_by_token(desk: Desk, text: bytes) -> Caller:
    """The bearer, in the project that the token is for, or in all of their account. Raises NotKnown."""
    caller = await desk.records.look(_bearer, hash_of(text), desk.clock.now())
    if caller is None:
        raise NotKnown.of(FaultCode.TOKEN_INVALID, "X-Auth-Token")
    return caller


async def known_by_key(desk: Desk, access: str) -> KeyHolder | None:
    """Whose access key this is, in all projects of their account."""
    found = await desk.records.look(_holder, access)
    if found is None:
        return None
    key, caller = found
    return KeyHolder(caller=caller, secret=desk.vault.open(key.sealed_secret))


async def issue_token(
    desk: Desk,
    caller: Caller,
    project_id: str | None,
    life: timedelta | None = None,
    *,
    asked_by: Caller | None = None,
) -> IssuedToken:
    """A token for one of the caller's projects, the first if none is named; `asked_by` is who asks for somebody else.

    Raises NotAllowed for a foreign project, and for a life beyond the usual one unless the caller is an operator: a
    monitor that never signs in needs such a token, and everybody else can sign for a new one.
    """
    project = caller.projects[0] if project_id is None and caller.projects else project_of(caller, project_id or "")
    if life and life > desk.token_life:
        demand_operator(asked_by or caller)
    return await write_token(desk, caller.user, project, expires_at=desk.clock.now() + (life or desk.token_life))


async def write_token(
    desk: Desk, user: User, project: Project | None, *, expires_at: datetime, method: str = SIGNATURE
) -> IssuedToken:
    """A new one; expired ones are forgotten with it."""
    text = desk.ids.secret(64)
    token = Token(
        hash=hash_of(text),
        user_id=user.id,
        project_id=project.id if project else None,
        issued_at=desk.clock.now(),
        expires_at=expires_at,
        method=method,
    )
    await desk.records.change(_keep_token, token)
    return IssuedToken(text=text, token=token, project=project)


def hash_of(text: str | bytes) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).hexdigest()


def project_of(caller: Caller, project_id: str) -> Project:
    """The project, if the caller may see it. Raises NotAllowed, whether there is such a project or not."""
    for project in caller.projects:
        if project.id == project_id:
            return project
    raise NotAllowed.of(FaultCode.PROJECT_FOREIGN, "project_id", project=project_id)


def known_token(tx: Tx, token_hash: str, now: datetime) -> KnownToken | None:
    """None if it is unknown or expired, its user disabled, or its project closed."""
    token = tx.callers.token(token_hash)
    user = tx.callers.user(token.user_id) if token and token.expires_at > now else None
    account = tx.callers.account(user.account_id) if user and user.is_enabled else None
    if token is None or user is None or account is None:
        return None
    projects = open_projects(tx, user)
    if token.project_id is None:
        return KnownToken(token=token, caller=Caller(user=user, projects=projects), account=account, project=None)
    for project in projects:
        if project.id == token.project_id:
            caller = Caller(user=user, projects=(project,))
            return KnownToken(token=token, caller=caller, account=account, project=project)
    return None


def open_projects(tx: Tx, user: User) -> tuple[Project, ...]:
    """Where the user may work, in the order of the names."""
    return tuple(project for project in tx.callers.projects_of(user.account_id) if project.is_open)


def demand_operator(caller: Caller) -> None:
    """Raises NotAllowed for everybody else."""
    if not caller.user.is_operator:
        raise NotAllowed.of(FaultCode.OPERATOR_ONLY)


async def first_start(
    desk: Desk, hand_over: Callable[[Profile], None], take_back: Callable[[], None]
) -> Profile | None:
    """The first account, project, operator and key, if nobody is known yet; else nothing.

    `hand_over` writes the profile down inside the transaction: were it written after, a crash between the two would
    leave an operator whose secret nobody knows. It must not wait for anything but the disk. Where another service was
    first at the same moment, the transaction is run again and makes nothing: then what was written is taken back.
    """
    handed: list[Profile] = []

    def note(profile: Profile) -> None:
        handed.append(profile)
        hand_over(profile)

    made = await desk.records.change(_settle_in, desk, note)
    if made is None and handed:
        take_back()
    return made


def _bearer(tx: Tx, token_hash: str, now: datetime) -> Caller | None:
    known = known_token(tx, token_hash, now)
    return known.caller if known else None


def _holder(tx: Tx, access: str) -> tuple[Key, Caller] | None:
    key = tx.callers.key(access)
    user = tx.callers.user(key.user_id) if key else None
    if key is None or user is None or not user.is_enabled:
        return None
    return key, Caller(user=user, projects=open_projects(tx, user))


def _keep_token(tx: Tx, token: Token) -> None:
    tx.callers.forget_tokens(token.issued_at)
    tx.callers.add_token(token)


def _settle_in(tx: Tx, desk: Desk, hand_over: Callable[[Profile], None]) -> Profile | None:
    if not tx.callers.is_empty():
        return None
    account = Account(id=AccountId(desk.ids.hex(32)), name=_FIRST_ACCOUNT)
    project = Project(id=ProjectId(desk.ids.hex(32)), account_id=account.id, name=FIRST_PROJECT)
    user = User(id=UserId(desk.ids.hex(32)), account_id=account.id, name=_FIRST_USER, is_operator=True)
    access, secret = desk.ids.secret(20).upper(), desk.ids.secret(40)
    tx.callers.add_account(account)
    tx.callers.add_project(project)
    tx.callers.add_user(user)
    tx.callers.add_key(
        Key(access=access, sealed_secret=desk.vault.seal(secret), user_id=user.id, created_at=desk.clock.now())
    )
    profile = Profile(project_id=project.id, project_name=project.name, access_key=access, secret_key=secret)
    hand_over(profile)
    return profile
