"""What we ask of accounts, projects, users, keys and tokens."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from penstock.database.connection import unique
from penstock.database.documents import ms_from, time_from
from penstock.database.tables import access_keys, accounts, project_names, projects, tokens, user_names, users
from penstock.domain.caller import Account, AccountId, Key, Project, ProjectId, Token, User, UserId
from penstock.domain.faults import Fault, FaultCode


class DatabaseCallers:
    """`ports.records.Callers` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_empty(self) -> bool:
        return self._connection.execute(select(accounts.c.id).limit(1)).first() is None

    def add_account(self, account: Account) -> None:
        self._connection.execute(insert(accounts).values(id=account.id, name=account.name))

    def add_project(self, project: Project) -> None:
        taken = Fault.at("name", FaultCode.PROJECT_TAKEN, project=project.name)
        with unique(self._connection, project_names, taken):
            self._connection.execute(insert(projects).values(values_of_project(project)))

    def add_user(self, user: User) -> None:
        with unique(self._connection, user_names, Fault.at("name", FaultCode.USER_TAKEN, user=user.name)):
            self._connection.execute(insert(users).values(values_of_user(user)))

    def add_key(self, key: Key) -> None:
        values = {"access": key.access, "sealed_secret": key.sealed_secret, "user_id": key.user_id}
        self._connection.execute(insert(access_keys).values(values | {"created_at_ms": ms_from(key.created_at)}))

    def add_token(self, token: Token) -> None:
        times = {"issued_at_ms": ms_from(token.issued_at), "expires_at_ms": ms_from(token.expires_at)}
        values = {"hash": token.hash, "user_id": token.user_id, "project_id": token.project_id, "method": token.method}
        self._connection.execute(insert(tokens).values(values | times))

    def user(self, user_id: UserId) -> User | None:
        row = self._connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
        return user_from(row) if row else None

    def project(self, project_id: ProjectId) -> Project | None:
        row = self._connection.execute(select(projects).where(projects.c.id == project_id)).one_or_none()
        return project_from(row) if row else None

    def projects_of(self, account_id: AccountId) -> Sequence[Project]:
        of_account = select(projects).where(projects.c.account_id == account_id).order_by(projects.c.name)
        return [project_from(row) for row in self._connection.execute(of_account)]

    def key(self, access: str) -> Key | None:
        row = self._connection.execute(select(access_keys).where(access_keys.c.access == access)).one_or_none()
        return key_from(row) if row else None

    def keys_of(self, user_id: UserId) -> Sequence[Key]:
        order = (access_keys.c.created_at_ms, access_keys.c.access)
        of_user = select(access_keys).where(access_keys.c.user_id == user_id).order_by(*order)
        return [key_from(row) for row in self._connection.execute(of_user)]

    def token(self, token_hash: str) -> Token | None:
        row = self._connection.execute(select(tokens).where(tokens.c.hash == token_hash)).one_or_none()
        return token_from(row) if row else None

    def account(self, account_id: AccountId) -> Account | None:
        row = self._connection.execute(select(accounts).where(accounts.c.id == account_id)).one_or_none()
        return account_from(row) if row else None

    def accounts(self) -> Sequence[Account]:
        return [account_from(row) for row in self._connection.execute(select(accounts).order_by(accounts.c.name))]

    def projects(self) -> Sequence[Project]:
        of_accounts = select(projects).join(accounts).order_by(accounts.c.name, projects.c.name)
        return [project_from(row) for row in self._connection.execute(of_accounts)]

    def save_project(self, project: Project) -> None:
        saved = update(projects).where(projects.c.id == project.id)
        self._connection.execute(saved.values(values_of_project(project)))

    def users(self) -> Sequence[User]:
        of_accounts = select(users).join(accounts).order_by(accounts.c.name, users.c.name)
        return [user_from(row) for row in self._connection.execute(of_accounts)]

    def user_named(self, account_id: AccountId, name: str) -> User | None:
        wanted = select(users).where(users.c.account_id == account_id, users.c.name == name)
        row = self._connection.execute(wanted).one_or_none()
        return user_from(row) if row else None

    def save_user(self, user: User) -> None:
        self._connection.execute(update(users).where(users.c.id == user.id).values(values_of_user(user)))

    def forget_key(self, access: str) -> bool:
        return self._connection.execute(delete(access_keys).where(access_keys.c.access == access)).rowcount > 0

    def tokens(self, prefix: str = "", *, limit: int = 100, offset: int = 0) -> Sequence[Token]:
        beginning = select(tokens).where(tokens.c.hash.startswith(prefix, autoescape=True))
        page = beginning.order_by(tokens.c.issued_at_ms.desc(), tokens.c.hash).limit(limit).offset(offset)
        return [token_from(row) for row in self._connection.execute(page)]

    def forget_token(self, token_hash: str) -> bool:
        return self._connection.execute(delete(tokens).where(tokens.c.hash == token_hash)).rowcount > 0

    def forget_tokens(self, before: datetime) -> int:
        return self._connection.execute(delete(tokens).where(tokens.c.expires_at_ms < ms_from(before))).rowcount


def account_from(row: Row[*tuple[object, ...]]) -> Account:
    return Account(id=AccountId(row.id), name=row.name)


def user_from(row: Row[*tuple[object, ...]]) -> User:
    return User(
        id=UserId(row.id),
        account_id=AccountId(row.account_id),
        name=row.name,
        is_operator=row.is_operator,
        password_hash=row.password_hash,
        disabled_at=time_from(row.disabled_at_ms),
    )


def values_of_user(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "account_id": user.account_id,
        "name": user.name,
        "is_operator": user.is_operator,
        "password_hash": user.password_hash,
        "disabled_at_ms": ms_from(user.disabled_at),
    }


def project_from(row: Row[*tuple[object, ...]]) -> Project:
    closed_at = time_from(row.closed_at_ms)
    return Project(id=ProjectId(row.id), account_id=AccountId(row.account_id), name=row.name, closed_at=closed_at)


def values_of_project(project: Project) -> dict[str, object]:
    return {
        "id": project.id,
        "account_id": project.account_id,
        "name": project.name,
        "closed_at_ms": ms_from(project.closed_at),
    }


def key_from(row: Row[*tuple[object, ...]]) -> Key:
    return Key(
        access=row.access,
        sealed_secret=row.sealed_secret,
        user_id=UserId(row.user_id),
        created_at=time_from(row.created_at_ms),
    )


def token_from(row: Row[*tuple[object, ...]]) -> Token:
    return Token(
        hash=row.hash,
        user_id=UserId(row.user_id),
        project_id=ProjectId(row.project_id) if row.project_id else None,
        issued_at=time_from(row.issued_at_ms),
        expires_at=time_from(row.expires_at_ms),
        method=row.method,
    )
