"""Who asks: users of an account, their keys and tokens, and the projects they may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

AccountId = NewType("AccountId", str)
ProjectId = NewType("ProjectId", str)
UserId = NewType("UserId", str)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or program of an account; an operator may see across projects."""

    id: UserId
    account_id: AccountId
    name: str
    is_operator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An access key (AK) with its secret (SK), which is kept sealed and never shown again."""

    access: str
    sealed_secret: bytes
    user_id: UserId
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer of a user's rights in one project until it expires; only its SHA-256 is kept."""

    hash: str
    user_id: UserId
    project_id: ProjectId
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A known user, and the projects that this request may touch."""

    user: User
    projects: tuple[Project, ...]

    def may_see(self, project_id: str) -> bool:
        return any(project.id == project_id for project in self.projects)
