"""Who asks: users of an account, their keys and tokens, and the projects they may see."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from penstock.domain.faults import Fault, FaultCode

AccountId = NewType("AccountId", str)
ProjectId = NewType("ProjectId", str)
UserId = NewType("UserId", str)

SIGNATURE, PASSWORD, TOKEN = "signature", "password", "token"

NAME_LIMIT = 64
PASSWORD_LIMITS = (8, 128)  # characters

_NAME = re.compile(r"[\w.@-]{1,64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whoever owns users and projects; DLI says *domain*."""

    id: AccountId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A space of its own for jobs, queues and packages; its name looks like a region's."""

    id: ProjectId
    account_id: AccountId
    name: str
    closed_at: datetime | None = None  # nobody reaches it any more

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or program of an account; an operator may see across projects."""

    id: UserId
    account_id: AccountId
    name: str
    is_operator: bool = False
    password_hash: str = field(default="", repr=False)  # of `usecases.passwords`; empty: there is none
    disabled_at: datetime | None = None  # their keys, tokens and password are refused

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An access key (AK) with its secret (SK), which is kept sealed and never shown again."""

    access: str
    sealed_secret: bytes
    user_id: UserId
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer of a user's rights, in one project or in their whole account, until it expires.

    Only its SHA-256 is kept. `method` is how its first bearer proved who they are.
    """

    hash: str
    user_id: UserId
    project_id: ProjectId | None
    issued_at: datetime
    expires_at: datetime
    method: str = SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A known user, and the projects that this request may touch."""

    user: User
    projects: tuple[Project, ...]

    def may_see(self, project_id: str) -> bool:
        return any(project.id == project_id for project in self.projects)


def name_faults(path: str, name: str) -> Iterator[Fault]:
    """Names of users, projects and accounts."""
    if not _NAME.match(name):
        yield Fault.at(path, FaultCode.CALLER_NAME_INVALID, field=path, limit=NAME_LIMIT)


def password_faults(password: str) -> Iterator[Fault]:
    """Length is what makes a password good; nothing else is asked of it."""
    low, high = PASSWORD_LIMITS
    if not low <= len(password) <= high:
        yield Fault.at("password", FaultCode.PASSWORD_LENGTH, low=low, high=high)
