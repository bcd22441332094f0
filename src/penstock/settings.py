"""Every setting: its type, its default, and one line of meaning; read once, at the start.

Order: flag, environment (`PENSTOCK_API__CREATE=draft`), TOML file (`--config`, `PENSTOCK_CONFIG`, or `penstock.toml` in
the state directory), default. Unknown keys are errors.
"""

import difflib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from penstock.domain.errors import SetupError

_PREFIX = "PENSTOCK_"
# Read by the command line as a client, or before the settings are.
_NOT_SETTINGS = {"CONFIG", "PROFILE", "ENDPOINT", "PROJECT", "ACCESS_KEY", "SECRET_KEY", "CA"}


class _Topic(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ServerSettings(_Topic):
    """Where the service listens."""

    host: str = "127.0.0.1"
    """Address to listen on; beyond loopback only with a certificate, or with `allow_plain`."""

    port: int = Field(default=7480, ge=0, le=65_535)
    """TCP port; 0 takes a free one."""

    public_url: str = Field(default="", pattern=r"^(https?://[^\s/]+(/[^\s?#]*[^\s?#/])?)?$")
    """Address under which others reach the service, for the links in what it sends; empty means where it listens."""

    allow_plain: bool = False
    """Allow plain HTTP beyond loopback, for a service behind a TLS proxy or in an isolated network."""

    certificate: Path | None = None
    """File of the certificate in PEM, its authority's after it: makes it HTTPS; both files are read anew on change."""

    key: Path | None = None
    """File of the certificate's key in PEM; never readable by everybody."""

    key_password_file: Path | None = None
    """File of the key's password, if the key is encrypted."""

    @model_validator(mode="after")
    def _have_both_or_neither(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both files, or neither")
        if self.key_password_file is not None and self.key is None:
            raise ValueError("key_password_file is for a key: name it in server.key")
        return self


class ApiSettings(_Topic):
    """How the DLI routes answer where its editions differ."""

    create: Literal["start", "draft"] = "start"
    """`start`: create runs a job that names its queue and entrypoint; `draft`: create never starts a job."""

    create_wait: float = Field(default=10.0, ge=0, le=600)
    """Seconds that create waits, at most, until Flink says that every task runs."""

    is_success: Literal["string", "boolean"] = "string"
    """Type of `is_success` on the Flink job routes; deployed DLI clients want the string."""

    body_limit: int = Field(default=12 * 2**20, ge=1024)
    """Bytes of a request body, at most, uploads excepted; 12 MiB is DLI's documented limit."""

    upload_limit: int = Field(default=2**30, ge=1024)
    """Bytes of an uploaded package, at most."""

    object_host: str = ""
    """Host behind a bucket's name in the addresses of objects that clients send as package sources
    (`https://<bucket>.<host>/<key>`); it is only compared, never called. Empty: `obs://bucket/key` alone."""

    drafts_limit: int = Field(default=100, ge=1)
    """Jobs of a project that never ran, at most (DLI.11003)."""


class LimitSettings(_Topic):
    """How long the control plane waits before it says that something took too long; seconds."""

    launch: float = Field(default=300, gt=0)
    """From the start of a run's processes until every task runs."""

    stop: float = Field(default=300, gt=0)
    """Until a stop counts as failed; above Flink's own limit for cancelling tasks (180)."""

    savepoint: float = Field(default=600, gt=0)
    """Until a savepoint counts as failed."""

    silence: float = Field(default=180, gt=0)
    """Until a run whose place does not answer is fenced."""

    logs: float = Field(default=60, ge=0)
    """That a run which is over waits until the last of its logs is in the bucket; what is missing then is lost."""


class RetentionSettings(_Topic):
    """How long things are kept after their time; days."""

    deleted: float = Field(default=7, ge=0)
    """Checkpoints and savepoints of a job that was deleted; its history stays."""


class DatabaseSettings(_Topic):
    """Where we remember."""

    url: str = ""
    """Address such as `postgresql://user@host/name`, its password in it or in `PGPASSWORD`; empty means SQLite in the
    state directory."""


class LogSettings(_Topic):
    """The service's own log, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written."""

    format: Literal["auto", "json", "text"] = "auto"
    """`auto`: text on a terminal, JSON elsewhere."""


def _listed(value: object) -> object:
    """A list, or a text with commas as the environment has it, or JSON in a text."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


class OutgoingSettings(_Topic):
    """Calls to addresses that callers name: webhooks of subscriptions."""

    allow: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)] = ()
    """Networks that may be called although they are private, loopback or link-local; in the environment with commas."""

    limit: float = Field(default=10.0, gt=0, le=120)
    """Seconds that a whole call may take."""


class StoreSettings(BaseModel):
    """The object store that holds packages; other keys are the plugin's own."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    plugin: str = "filesystem"
    """Name of the object store plugin."""

    @property
    def own(self) -> Mapping[str, object]:
        return self.model_extra or {}


class PlaceSettings(BaseModel):
    """A place where runs live; other keys are the engine's own."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    engine: str = "local"
    """Name of the engine plugin."""

    @property
    def own(self) -> Mapping[str, object]:
        return self.model_extra or {}


class NotifierSettings(BaseModel):
    """A way to tell subscribers, by the name of its plugin; its keys are the plugin's own."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    @property
    def own(self) -> Mapping[str, object]:
        return self.model_extra or {}


class Settings(BaseSettings):
    """All of them."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    state: Path
    """The state directory: it holds everything that the service keeps."""

    server: ServerSettings = ServerSettings()
    api: ApiSettings = ApiSettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    database: DatabaseSettings = DatabaseSettings()
    log: LogSettings = LogSettings()
    store: StoreSettings = StoreSettings()
    outgoing: OutgoingSettings = OutgoingSettings()

    places: dict[str, PlaceSettings] = Field(default_factory=lambda: {"here": PlaceSettings()})
    """Places by name; queues name one, or get the default one."""

    notifiers: dict[str, NotifierSettings] = Field(default_factory=dict)
    """Ways to tell subscribers, by the names of their plugins; `webhook` is always there, `email` needs a server."""

    default_place: str = ""
    """The place of queues that name none; empty means the first one."""

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.state / 'penstock.db'}"

    @property
    def every_notifier(self) -> Mapping[str, NotifierSettings]:
        return {"webhook": NotifierSettings(), **self.notifiers}

    @property
    def first_place(self) -> str:
        return self.default_place or next(iter(self.places))

    @model_validator(mode="after")
    def _know_the_default_place(self) -> Self:
        if not self.places:
            raise ValueError("places: there must be at least one")
        if self.first_place not in self.places:
            raise ValueError(f"default_place: there is no place {self.default_place!r} among {sorted(self.places)}")
        return self

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then file; no .env, no secrets folder."""
        return named["init_settings"], named["env_settings"], TomlConfigSettingsSource(settings_cls)


def load(
    *, state: Path | None = None, host: str | None = None, port: int | None = None, config: Path | None = None
) -> Settings:
    """The effective settings; the arguments are the command line's flags. Raises SetupError with one sentence."""
    _refuse_unknown_variables(os.environ)
    folder = (state or Path(os.environ.get(f"{_PREFIX}STATE") or _default_state())).expanduser().absolute()
    server = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    flags: dict[str, Any] = {"state": folder} | ({"server": server} if server else {})
    file = _file(folder, config)

    class Loaded(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return Loaded(**flags)
    except ValidationError as error:
        raise SetupError(_sentence(error)) from error
    except SettingsError as error:
        raise SetupError(f"The environment has a setting that cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{file} is not valid TOML: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} cannot be read: {error}.") from error


def _default_state() -> Path:
    return Path.home() / ".local" / "share" / "penstock"


def _file(state: Path, config: Path | None) -> Path | None:
    named = config or (Path(os.environ[f"{_PREFIX}CONFIG"]) if os.environ.get(f"{_PREFIX}CONFIG") else None)
    if named is None:
        return state / "penstock.toml" if (state / "penstock.toml").exists() else None
    if not named.is_file():
        raise SetupError(f"The settings file {named} is not there.")
    return named


def _refuse_unknown_variables(environment: Iterable[str]) -> None:
    """pydantic-settings overlooks variables that match no field; a slip should not."""
    known = {name.upper() for name in Settings.model_fields}
    for variable in sorted(environment):
        if not variable.startswith(_PREFIX):
            continue
        name = variable.removeprefix(_PREFIX).partition("__")[0].upper()
        if name not in known | _NOT_SETTINGS:
            raise SetupError(f"There is no setting {variable}.{_nearest(name, known)}")


def _sentence(error: ValidationError) -> str:
    """All faults in one sentence, each with its path."""
    told = []
    for fault in error.errors(include_url=False):
        path = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            told.append(f"there is no setting {path}")
        else:
            said = str(fault["msg"]).removeprefix("Value error, ")
            told.append(f"{path}: {said}" if path else said)
    return f"The settings cannot be used: {'; '.join(told)}."


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {_PREFIX}{near[0]}?" if near else f" Known ones begin with {', '.join(sorted(known))}."
