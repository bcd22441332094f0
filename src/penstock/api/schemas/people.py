"""Users, projects, keys and tokens on the wire, as operators see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Boolean, Text
from penstock.api.schemas.listing import HistoryQuery
from penstock.domain.caller import Account, Project, User
from penstock.usecases.credentials import PREFIX, HeldKey, HeldToken, NewKey
from penstock.usecases.people import NewUser, Person, Place

T = TypeVar("T")


class PeopleQuery(HistoryQuery):
    """Which page of a list; the cursor is the `next` of the page before."""

    def page_of(self, things: Sequence[T]) -> Sequence[T]:
        return things[self.cursor : self.cursor + self.limit]

    def following(self, things: Sequence[T]) -> int | None:
        end = self.cursor + self.limit
        return end if end < len(things) else None


class UserIn(BaseModel):
    """A new user; an account that is not there yet is made."""

    model_config = ConfigDict(frozen=True, title="User")

    name: Text = ""
    account: Text = Field("", description="Name or id; empty: your own.")
    password: Text = Field(default="", repr=False, description="8 to 128 characters; empty: keys only.")
    is_operator: Boolean = False

    def to_user(self) -> NewUser:
        return NewUser(**self.model_dump())


class PasswordIn(BaseModel):
    """A new password; an empty one takes it away."""

    model_config = ConfigDict(frozen=True, title="Password")

    password: Text = Field(default="", repr=False)


class ProjectIn(BaseModel):
    """A new project; an account that is not there yet is made."""

    model_config = ConfigDict(frozen=True, title="Project")

    name: Text = Field("", description="Clients look it up by the name of their region.", examples=["cn-north-4"])
    account: Text = Field("", description="Name or id; empty: your own.")


class KeyIn(BaseModel):
    """Whose key it will be."""

    model_config = ConfigDict(frozen=True, title="Key")

    user_id: Text = Field("", description="Empty: your own.")


class NamedOut(BaseModel):
    """Something with an id and a name."""

    id: str
    name: str

    @classmethod
    def of(cls, thing: Account | Project | User) -> "NamedOut":
        return cls(id=thing.id, name=thing.name)


class PersonOut(NamedOut):
    """A user."""

    account: NamedOut
    is_operator: bool
    has_password: bool
    disabled_at: datetime | None

    @classmethod
    def from_person(cls, person: Person) -> "PersonOut":
        user = person.user
        return cls(
            id=user.id,
            name=user.name,
            account=NamedOut.of(person.account),
            is_operator=user.is_operator,
            has_password=bool(user.password_hash),
            disabled_at=user.disabled_at,
        )


class PeopleOut(BaseModel):
    """A page of users."""

    users: list[PersonOut]
    next: int | None

    @classmethod
    def from_people(cls, people: Sequence[Person], query: PeopleQuery) -> "PeopleOut":
        users = [PersonOut.from_person(person) for person in query.page_of(people)]
        return cls(users=users, next=query.following(people))


class PlacedProjectOut(NamedOut):
    """A project."""

    account: NamedOut
    closed_at: datetime | None

    @classmethod
    def from_place(cls, place: Place) -> "PlacedProjectOut":
        project = place.project
        return cls(id=project.id, name=project.name, account=NamedOut.of(place.account), closed_at=project.closed_at)


class ProjectsOut(BaseModel):
    """A page of projects."""

    projects: list[PlacedProjectOut]
    next: int | None

    @classmethod
    def from_places(cls, places: Sequence[Place], query: PeopleQuery) -> "ProjectsOut":
        projects = [PlacedProjectOut.from_place(place) for place in query.page_of(places)]
        return cls(projects=projects, next=query.following(places))


class KeyOut(BaseModel):
    """A key without its secret."""

    access_key: str
    user: NamedOut
    account: NamedOut
    created_at: datetime

    @classmethod
    def from_held(cls, held: HeldKey) -> "KeyOut":
        key = held.key
        whose = {"user": NamedOut.of(held.user), "account": NamedOut.of(held.account)}
        return cls(access_key=key.access, created_at=key.created_at, **whose)


class NewKeyOut(KeyOut):
    """The secret is shown this once."""

    secret_key: str

    @classmethod
    def from_new(cls, new: NewKey) -> "NewKeyOut":
        return cls(**KeyOut.from_held(new.held).model_dump(), secret_key=new.secret)


class KeysOut(BaseModel):
    """A page of keys."""

    keys: list[KeyOut]
    next: int | None

    @classmethod
    def from_held(cls, held: Sequence[HeldKey], query: PeopleQuery) -> "KeysOut":
        return cls(keys=[KeyOut.from_held(one) for one in query.page_of(held)], next=query.following(held))


class ListedTokenOut(BaseModel):
    """A token by the first digits of its hash; project is null where it speaks for the whole account."""

    prefix: str
    user: NamedOut
    account: NamedOut
    project: NamedOut | None
    method: str
    issued_at: datetime
    expires_at: datetime

    @classmethod
    def from_held(cls, held: HeldToken) -> "ListedTokenOut":
        token = held.token
        return cls(
            prefix=token.hash[:PREFIX],
            user=NamedOut.of(held.user),
            account=NamedOut.of(held.account),
            project=NamedOut.of(held.project) if held.project else None,
            method=token.method,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
        )


class TokensOut(BaseModel):
    """A page of tokens, the newest first."""

    tokens: list[ListedTokenOut]
    next: int | None
