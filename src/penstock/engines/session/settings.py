"""The settings of a place that is a Flink session cluster, and how they are read from a mapping."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from penstock.domain.errors import SetupError

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S+\Z")


def _address(text: str) -> str:
    parts = urlsplit(text)
    try:
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.username is not None or parts.query or parts.fragment or re.search(r"\s", text):
        raise ValueError("must be http://HOST:PORT or https://HOST:PORT, without a user name, query or fragment")
    return text.rstrip("/")


def _state(text: str) -> str:
    plain = text.rstrip("/")
    if plain and not _SCHEME.match(plain):
        raise ValueError("must be the address of a folder, such as file:///shared/flink or s3://bucket/flink")
    if plain.startswith("file://") and not plain.startswith("file:///"):
        raise ValueError("must be file:///PATH, with three slashes")
    return plain


class SessionSettings(BaseModel):
    """One Flink session cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, AfterValidator(_address)]
    """The cluster's REST, as http://HOST:PORT or https://HOST:PORT; required."""
    ca: Path | None = None
    """PEM file of the certificates to trust; otherwise those that this system trusts. For https only."""
    certificate: Path | None = None
    """PEM file of the client certificate, where the cluster wants one; may hold the key as well."""
    key: Path | None = None
    """PEM file of its key, not sealed by a password; otherwise it is in `certificate`."""
    username: str = ""
    """User name for basic authentication, as a proxy before Flink asks for it; sent in clear over http."""
    password_file: Path | None = None
    """File with the password of that user, and nothing else; its last line end does not count."""
    state: Annotated[str, AfterValidator(_state)] = ""
    """Folder for checkpoints and savepoints that every process of the cluster can write, as file:///shared/flink or
    s3://bucket/flink; otherwise the jobs folder of the state directory, which is right on one machine only."""
    many_projects: bool = False
    """Whether queues of several projects may stand on this place: their jobs share processes, so each could read what
    the others do."""
    main_limit: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that the main() of a job may take to hand its job to Flink."""
    answer_limit: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds until an answer must be there; after that the cluster counts as silent."""
    bundle_cache: Annotated[int, Field(ge=0)] = 2 * 1024**3
    """Bytes of bundles that are kept to be used again; the least recently used go first."""

    @property
    def is_on_this_machine(self) -> bool:
        """As far as its address says so."""
        host = urlsplit(self.address).hostname or ""
        return host in {"localhost", "::1"} or host.startswith("127.")

    @model_validator(mode="after")
    def _belong_together(self) -> "SessionSettings":
        if self.address.startswith("http://") and (self.ca or self.certificate or self.key):
            raise ValueError("ca, certificate and key need an address that begins with https://")
        if self.key and not self.certificate:
            raise ValueError("key needs certificate")
        if bool(self.username) != bool(self.password_file):
            raise ValueError("username and password_file need each other")
        if ":" in self.username:
            raise ValueError("username must not hold a colon")
        return self


def read_settings(given: Mapping[str, object]) -> SessionSettings:
    """Raises SetupError in one sentence that names every fault."""
    try:
        return SessionSettings.model_validate(dict(given))
    except ValidationError as exc:
        faults = "; ".join(
            _sentence(".".join(map(str, error["loc"])), error["type"], error["msg"]) for error in exc.errors()
        )
        raise SetupError(f"The settings of a session place are wrong: {faults}") from exc


def _sentence(name: str, kind: str, words: str) -> str:
    plain = words.removeprefix("Value error, ")
    if kind == "missing":
        return f"{name} is missing"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, SessionSettings.model_fields, n=1)
        return f"{name} is not a setting" + (f", did you mean {near[0]}?" if near else "")
    return f"{name}: {plain}" if name else plain
