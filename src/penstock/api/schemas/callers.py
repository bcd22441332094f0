"""Callers on the wire: the token they ask for, and who they are."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Integer, Text
from penstock.domain.caller import Caller
from penstock.domain.faults import Fault, FaultCode
from penstock.usecases.access import IssuedToken

LIVES = (60, 10 * 365 * 86_400)  # seconds


class TokenIn(BaseModel):
    """For which project; without one, for the first. Only operators ask for other users, and for more than a day."""

    model_config = ConfigDict(frozen=True, title="TokenRequest")

    project_id: Text | None = None
    user_id: Text = Field(default="", description="For another user.")
    life: Integer | None = Field(default=None, description="Seconds; a day if it is left out.")

    def faults(self) -> list[Fault]:
        low, high = LIVES
        if self.life is None or low <= self.life <= high:
            return []
        return [Fault.at("life", FaultCode.OUT_OF_RANGE, field="life", low=low, high=high, given=self.life)]

    @property
    def span(self) -> timedelta | None:
        return None if self.life is None else timedelta(seconds=self.life)


class TokenOut(BaseModel):
    """The token itself is shown this once."""

    token: str
    project_id: str
    expires_at: datetime

    @classmethod
    def from_token(cls, issued: IssuedToken) -> "TokenOut":
        project_id = issued.token.project_id or ""
        return cls(token=issued.text, project_id=project_id, expires_at=issued.token.expires_at)


class UserOut(BaseModel):
    """Whose credentials these are."""

    id: str
    name: str
    is_operator: bool


class AccountOut(BaseModel):
    """Whose user that is."""

    id: str


class ProjectOut(BaseModel):
    """Where the caller may work."""

    id: str
    name: str


class MeOut(BaseModel):
    """The caller, as the service knows them."""

    user: UserOut
    account: AccountOut
    projects: list[ProjectOut]

    @classmethod
    def from_caller(cls, caller: Caller) -> "MeOut":
        user = caller.user
        return cls(
            user=UserOut(id=user.id, name=user.name, is_operator=user.is_operator),
            account=AccountOut(id=user.account_id),
            projects=[ProjectOut(id=project.id, name=project.name) for project in caller.projects],
        )
