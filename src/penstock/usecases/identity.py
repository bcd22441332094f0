"""Signing in as IAM does it: by password or by a token that holds, for a project, an account, or nothing in particular."""

from dataclasses import dataclass, field

from penstock.domain.caller import PASSWORD, TOKEN, Account, AccountId, Caller, Project, User, UserId
from penstock.domain.errors import Invalid, NotFound, NotKnown
from penstock.domain.faults import FaultCode
from penstock.ports.records import Tx
from penstock.usecases.access import IssuedToken, KnownToken, hash_of, known_token, open_projects, write_token
from penstock.usecases.desk import Desk

_SUBJECT = "X-Subject-Token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something that has an id and a name; one of them says which it is."""

    id: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.id or self.name)

    def fits(self, thing: Account | Project) -> bool:
        return (not self.id or self.id == thing.id) and (not self.name or self.name == thing.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What somebody says to sign in; `domain` is whose user it is, `scope_domain` and `project` are what for."""

    method: str
    user: Named = Named()
    domain: Named = Named()
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    project: Named = Named()
    scope_domain: Named = Named()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new token and what it stands for."""

    issued: IssuedToken
    known: KnownToken


async def sign_in(desk: Desk, login: Login) -> SignedIn:
    """A token for the scope. Raises NotKnown, or Invalid for a method that is not ours."""
    bound: Project | None = None
    if login.method == PASSWORD:
        user, expires_at = await _by_password(desk, login), desk.clock.now() + desk.token_life
        caller = Caller(user=user, projects=await desk.records.look(open_projects, user))
        method = PASSWORD
    elif login.method == TOKEN:
        known = await desk.records.look(known_token, hash_of(login.token), desk.clock.now())
        if known is None:
            raise NotKnown.of(FaultCode.TOKEN_INVALID, "auth.identity.token.id")
        # Its right and its end stay: a token of one project must not become one of another, nor live for ever.
        caller, expires_at, method = known.caller, known.token.expires_at, known.token.method
        bound = known.project
    else:
        raise Invalid.of(FaultCode.IDENTITY_UNSUPPORTED, "auth.identity.methods", method=login.method[:40])
    account = await desk.records.look(_account_of, caller.user)
    project = _project_of(login, account, caller.projects, bound)
    issued = await write_token(desk, caller.user, project, expires_at=expires_at, method=method)
    return SignedIn(
        issued=issued, known=KnownToken(token=issued.token, caller=caller, account=account, project=project)
    )


async def validate(desk: Desk, caller: Caller, text: bytes) -> KnownToken:
    """What the token stands for, to somebody of the same account. Raises NotFound."""
    known = await desk.records.look(known_token, hash_of(text), desk.clock.now())
    if known is None or known.account.id != caller.user.account_id:
        raise NotFound.of(FaultCode.TOKEN_UNKNOWN, _SUBJECT, token=_SUBJECT)
    return known


async def show_account(desk: Desk, caller: Caller) -> Account:
    """The caller's."""
    return await desk.records.look(_account_of, caller.user)


async def _by_password(desk: Desk, login: Login) -> User:
    user = await desk.records.look(_user_of, login)
    name = user.id if user else f"{login.domain.id} {login.domain.name} {login.user.id} {login.user.name}"[:400]
    kept = user.password_hash if user and user.is_enabled else ""
    await desk.passwords.demand(name, login.password, kept, desk.clock.monotonic())
    if user is None:
        raise NotKnown.of(FaultCode.LOGIN_FAILED, "auth")
    return user


def _user_of(tx: Tx, login: Login) -> User | None:
    if login.user.id:
        user = tx.callers.user(UserId(login.user.id))
        return user if user and login.user.name in {"", user.name} else None
    for account in tx.callers.accounts() if login.domain else ():
        if login.domain.fits(account):
            return tx.callers.user_named(account.id, login.user.name)
    return None


def _account_of(tx: Tx, user: User) -> Account:
    account = tx.callers.account(AccountId(user.account_id))
    if account is None:
        raise NotKnown.of(FaultCode.LOGIN_FAILED, "auth")
    return account


def _project_of(login: Login, account: Account, projects: tuple[Project, ...], bound: Project | None) -> Project | None:
    """What the token will be for, none for the whole account; a token that is bound to a project stays with it."""
    if login.scope_domain and not login.scope_domain.fits(account):
        raise NotKnown.of(FaultCode.SCOPE_FOREIGN, "auth.scope")
    if not login.project and not (bound and login.scope_domain):
        return bound
    for project in projects:
        if login.project and login.project.fits(project):
            return project
    raise NotKnown.of(FaultCode.SCOPE_FOREIGN, "auth.scope")
