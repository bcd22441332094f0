"""Keys and tokens, as an operator sees them: of every user. What is revoked is refused from the next request on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from penstock.domain.caller import Account, Caller, Key, Project, Token, User
from penstock.domain.errors import NotFound, NotNow
from penstock.domain.faults import FaultCode
from penstock.ports.records import Tx
from penstock.usecases.access import IssuedToken, demand_operator, issue_token, open_projects
from penstock.usecases.desk import Desk
from penstock.usecases.people import accounts_by_id, found_user

PREFIX = 12  # hex digits of a hash that name its token; the hash itself opens nothing
_PREFIX = re.compile(r"[0-9a-f]{8,64}\Z")


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key, and whose it is."""

    key: Key
    user: User
    account: Account


@dataclass(frozen=True, slots=True)
class NewKey:
    """With the secret that nobody can read again."""

    held: HeldKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token, whose it is, and for which project; none is the whole account."""

    token: Token
    user: User
    account: Account
    project: Project | None


async def list_keys(desk: Desk, caller: Caller) -> Sequence[HeldKey]:
    """Raises NotAllowed unless an operator asks, as all of this does."""
    demand_operator(caller)
    return await desk.records.look(_keys)


async def create_key(desk: Desk, caller: Caller, user_id: str = "") -> NewKey:
    """For the user, oneself if none is named. Raises NotFound."""
    demand_operator(caller)
    return await desk.records.change(_add_key, desk, user_id or caller.user.id)


async def revoke_key(desk: Desk, caller: Caller, access: str) -> None:
    """Raises NotFound, or NotNow if it is the last one of whoever asks."""
    demand_operator(caller)
    await desk.records.change(_forget_key, caller, access)


async def list_tokens(desk: Desk, caller: Caller, *, limit: int, offset: int) -> Sequence[HeldToken]:
    """The newest first."""
    demand_operator(caller)
    return await desk.records.look(_tokens, limit, offset)


async def create_token(
    desk: Desk, caller: Caller, user_id: str, project_id: str | None, life: timedelta | None
) -> IssuedToken:
    """For another user, in one of their projects. Raises NotFound or NotAllowed."""
    demand_operator(caller)
    owner = await desk.records.look(_caller, user_id)
    return await issue_token(desk, owner, project_id, life, asked_by=caller)


async def revoke_token(desk: Desk, caller: Caller, prefix: str) -> None:
    """The one whose hash begins so. Raises NotFound, or NotNow if there are several."""
    demand_operator(caller)
    await desk.records.change(_forget_token, prefix)


def _keys(tx: Tx) -> Sequence[HeldKey]:
    accounts = accounts_by_id(tx)
    return [HeldKey(key, user, accounts[user.account_id]) for user in tx.callers.users() for key in _keys_of(tx, user)]


def _keys_of(tx: Tx, user: User) -> Sequence[Key]:
    return tx.callers.keys_of(user.id)


def _add_key(tx: Tx, desk: Desk, user_id: str) -> NewKey:
    user = found_user(tx, user_id)
    secret = desk.ids.secret(40)
    key = Key(
        access=desk.ids.secret(20).upper(),
        sealed_secret=desk.vault.seal(secret),
        user_id=user.id,
        created_at=desk.clock.now(),
    )
    tx.callers.add_key(key)
    return NewKey(HeldKey(key, user, accounts_by_id(tx)[user.account_id]), secret)


def _forget_key(tx: Tx, caller: Caller, access: str) -> None:
    key = tx.callers.key(access)
    if key is None:
        raise NotFound.of(FaultCode.KEY_UNKNOWN, "access_key", key=access)
    if key.user_id == caller.user.id and len(tx.callers.keys_of(key.user_id)) == 1:
        raise NotNow.of(FaultCode.KEY_IS_YOUR_LAST, "access_key", key=access)
    tx.callers.forget_key(access)


def _tokens(tx: Tx, limit: int, offset: int) -> Sequence[HeldToken]:
    accounts = accounts_by_id(tx)
    found = []
    for token in tx.callers.tokens(limit=limit, offset=offset):
        if user := tx.callers.user(token.user_id):
            project = tx.callers.project(token.project_id) if token.project_id else None
            found.append(HeldToken(token, user, accounts[user.account_id], project))
    return found


def _caller(tx: Tx, user_id: str) -> Caller:
    user = found_user(tx, user_id)
    return Caller(user=user, projects=open_projects(tx, user))


def _forget_token(tx: Tx, prefix: str) -> None:
    found = tx.callers.tokens(prefix, limit=2) if _PREFIX.match(prefix) else ()
    if not found:
        raise NotFound.of(FaultCode.TOKEN_UNKNOWN, "token", token=prefix)
    if len(found) > 1:
        raise NotNow.of(FaultCode.TOKEN_AMBIGUOUS, "token", token=prefix)
    tx.callers.forget_token(found[0].hash)
