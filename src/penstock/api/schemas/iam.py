"""IAM on the wire: who signs in, the token that they get, and what they can see (iam: "Token management", "Projects")."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Boolean, Integer, Text
from penstock.domain.caller import PASSWORD, TOKEN, Account, Project, User
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.usecases.access import KnownToken
from penstock.usecases.identity import Login, Named

_FROZEN = ConfigDict(frozen=True)
_ROLES = [{"id": "0", "name": "te_admin"}]  # a user may do everything in their account
_MOST = 5000  # projects of a page (iam: "Querying Project Information Based on the Specified Criteria")


class NamedIn(BaseModel):
    """A domain: by id or by name."""

    model_config = _FROZEN

    id: Text = ""
    name: Text = ""

    def to_named(self) -> Named:
        return Named(id=self.id, name=self.name)


class UserIn(NamedIn):
    """By id, or by name in a domain."""

    password: Text = Field(default="", repr=False)
    domain: NamedIn | None = None


class PasswordIn(BaseModel):
    """The user who signs in."""

    model_config = _FROZEN

    user: UserIn


class TokenOfIn(BaseModel):
    """A token that holds."""

    model_config = _FROZEN

    id: Text = Field(repr=False)


class IdentityIn(BaseModel):
    """Who signs in, and how: `password` or `token`."""

    model_config = _FROZEN

    methods: list[Text] = Field(min_length=1, max_length=4)
    password: PasswordIn | None = None
    token: TokenOfIn | None = None


class ProjectScopeIn(NamedIn):
    """A project, by name in a domain or by id."""

    domain: NamedIn | None = None


class ScopeIn(BaseModel):
    """What the token is to be for."""

    model_config = _FROZEN

    project: ProjectScopeIn | None = None
    domain: NamedIn | None = None


class AuthIn(BaseModel):
    """Who, and what for; without a scope, for the whole account."""

    model_config = _FROZEN

    identity: IdentityIn
    scope: ScopeIn | None = None


class SignInIn(BaseModel):
    """The body of "Obtaining a User Token Through Password Authentication"."""

    model_config = ConfigDict(frozen=True, title="SignIn")

    auth: AuthIn

    def to_login(self) -> Login:
        """Raises Invalid."""
        identity, scope = self.auth.identity, self.auth.scope or ScopeIn()
        method = "+".join(identity.methods)
        if (method == PASSWORD and identity.password is None) or (method == TOKEN and identity.token is None):
            path = f"auth.identity.{method}"
            raise Invalid([Fault.at(path, FaultCode.FIELD_MISSING, field=path)])
        user = identity.password.user if identity.password else UserIn()
        return Login(
            method=method,
            user=user.to_named(),
            domain=_named_by(user.domain),
            password=user.password,
            token=identity.token.id if identity.token else "",
            project=_named_by(scope.project),
            scope_domain=_named_by(scope.project and scope.project.domain) or _named_by(scope.domain),
        )


class ProjectsQuery(BaseModel):
    """Which projects to list."""

    model_config = _FROZEN

    name: Text = ""
    domain_id: Text = ""
    parent_id: Text = ""
    enabled: Boolean = True
    page: Integer = 1
    per_page: Integer = _MOST

    def faults(self) -> list[Fault]:
        limits = (("page", self.page, 2**31 - 1), ("per_page", self.per_page, _MOST))
        code = FaultCode.OUT_OF_RANGE
        return [
            Fault.at(field, code, field=field, low=1, high=most, given=given)
            for field, given, most in limits
            if not 1 <= given <= most
        ]

    def chosen(self, projects: Sequence[Project]) -> list[Project]:
        return [project for project in projects if self._wants(project)]

    def paged(self, projects: Sequence[Project]) -> Sequence[Project]:
        return projects[(self.page - 1) * self.per_page : self.page * self.per_page]

    def _wants(self, project: Project) -> bool:
        named = self.name in {"", project.name}
        owned = {self.domain_id, self.parent_id} <= {"", project.account_id}
        return self.enabled and named and owned


def token_document(known: KnownToken, catalog: list[dict[str, Any]]) -> dict[str, Any]:
    """`token`, in the answer of sign-in and of validation."""
    domain = _named(known.account)
    token: dict[str, Any] = {
        "catalog": catalog,
        "expires_at": _moment(known.token.expires_at),
        "issued_at": _moment(known.token.issued_at),
        "methods": [known.token.method],
        "roles": _ROLES,
        "user": _user(known.caller.user, domain),
    }
    scope = {"project": _named(known.project) | {"domain": domain}} if known.project else {"domain": domain}
    return {"token": token | scope}


def project_document(project: Project, address: str) -> dict[str, Any]:
    """A project in a list."""
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": project.account_id,
        "parent_id": project.account_id,
        "is_domain": False,
        "enabled": project.is_open,
        "description": "",
        "links": links(f"{address}/v3/projects/{project.id}"),
    }


def domain_document(account: Account, address: str) -> dict[str, Any]:
    """A domain in a list."""
    own = {"enabled": True, "description": "", "links": {"self": f"{address}/v3/domains/{account.id}"}}
    return _named(account) | own


def links(own: str) -> dict[str, str | None]:
    """Where this is; lists say nothing of other pages, as IAM's do not (iam: the sample of "projects")."""
    return {"self": own, "previous": None, "next": None}


def _named_by(said: NamedIn | None) -> Named:
    return said.to_named() if said else Named()


def _named(thing: Account | Project) -> dict[str, Any]:
    return {"id": thing.id, "name": thing.name}


def _user(user: User, domain: dict[str, Any]) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "domain": domain, "password_expires_at": ""}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
