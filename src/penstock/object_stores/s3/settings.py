"""The settings of an S3-compatible store, and how they are read from a mapping."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from penstock.domain.errors import SetupError
from penstock.domain.location import Location


class S3Settings(BaseModel):
    """Where the store is, and in whose name it is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    bucket: Annotated[str, Field(min_length=1)]
    """The service's own bucket, which must be there: packages, and whatever is not in a mapped bucket."""
    prefix: str = ""
    """What the service's own keys begin with, for a bucket that others use, too."""
    endpoint: Annotated[str, Field(pattern=r"^(https?://[^\s/?#@]+)?/?$")] = ""
    """Address of the store, like `https://obs.cn-north-4.myhuaweicloud.com`; empty means Amazon's, of the region."""
    region: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] = "us-east-1"
    """The region that requests are signed for; stores without regions take this one."""
    access_key: str = ""
    """The access key (AK); otherwise AWS_ACCESS_KEY_ID."""
    secret_key_file: Path | None = None
    """A file with the secret key (SK) and nothing else; otherwise AWS_SECRET_ACCESS_KEY."""
    path_style: bool = True
    """Name the bucket in the path; false names it in the host, as OBS wants it."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds that the store may take for one request; an upload is sent in parts of 8 MiB, four at a time."""
    retries: Annotated[int, Field(ge=0, le=20)] = 3
    """How often a request is repeated that met a busy store or a broken connection."""
    allow_http: bool = False
    """Let objects travel unencrypted, for a store on this machine or in an isolated network."""
    ca: Path | None = None
    """A file with further certificates, in PEM, to trust beside the system's."""

    @property
    def home(self) -> Location:
        return Location(self.bucket, self.prefix)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if fault := self.home.fault:
            raise ValueError(f"bucket, prefix: {fault}")
        if self.endpoint.startswith("http://") and not self.allow_http:
            raise ValueError("endpoint: objects would travel unencrypted; use https, or set allow_http")
        return self


def read_settings(given: Mapping[str, object]) -> S3Settings:
    """Raises SetupError in one sentence that names every fault."""
    try:
        return S3Settings.model_validate(dict(given))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = [_told(".".join(map(str, fault["loc"])), fault["type"], fault["msg"]) for fault in faults]
        raise SetupError(f"The settings of the object store 's3' are wrong: {'; '.join(told)}.") from error


def _told(name: str, kind: str, words: str) -> str:
    if kind != "extra_forbidden":
        return f"{name}: {words}" if name else words
    near = difflib.get_close_matches(name, S3Settings.model_fields, n=1)
    return f"{name} is not a setting" + (f", did you mean {near[0]}?" if near else "")
