"""The way to the store: keys, time limits, and a client for each of its buckets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store as Client

from penstock.domain.errors import SetupError
from penstock.object_stores.s3.settings import S3Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Credential  # names for type checkers only

_CONNECT_LIMIT = 5.0  # seconds; a store that takes longer to accept is not there
_TRANSFER_LIMIT = timedelta(hours=6)  # of one answer, however large: what counts is that bytes come (`read_timeout`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """In whose name the store is asked."""

    access: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Access:
    """Clients share nothing but the settings; each is made when its bucket is first named.

    Raises SetupError where none could be made; the store itself is not asked yet.
    """

    def __init__(self, settings: S3Settings, keys: Keys) -> None:
        self.settings = settings
        self._keys = keys
        self._ca = _read(settings.ca, "ca") if settings.ca else None
        self._clients: dict[str, Client] = {}
        try:
            self.client(settings.bucket)
        except (BaseError, ValueError) as error:
            about = f"store.ca: {settings.ca} cannot be used" if settings.ca else "The store's settings cannot be used"
            raise SetupError(f"{about}: {str(error).splitlines()[0]}") from error

    @property
    def place(self) -> str:
        """The store's address, for people."""
        return self.settings.endpoint.rstrip("/") or f"Amazon S3 in {self.settings.region}"

    @property
    def limit(self) -> float:
        """Seconds for one call, with everything that is repeated within it; the sending of large objects excepted."""
        return self.settings.timeout * (self.settings.retries + 1)

    def client(self, bucket: str) -> Client:
        if bucket not in self._clients:
            self._clients[bucket] = self._made(bucket)
        return self._clients[bucket]

    def _made(self, bucket: str) -> Client:
        settings = self.settings
        options: ClientConfig = {
            "allow_http": settings.allow_http,
            "connect_timeout": timedelta(seconds=min(_CONNECT_LIMIT, settings.timeout)),
            "read_timeout": timedelta(seconds=settings.timeout),
            "timeout": _TRANSFER_LIMIT,
        }
        if self._ca is not None:
            options["root_certificate"] = self._ca
        return Client(
            bucket,
            config={"endpoint": endpoint_of(settings, bucket)} if settings.endpoint else None,
            region=settings.region,
            virtual_hosted_style_request=not settings.path_style,
            disable_bulk_delete=True,  # some stores do not know it, and its errors hide in a good answer
            credential_provider=self._credential,
            client_options=options,
            retry_config={"max_retries": settings.retries, "retry_timeout": timedelta(seconds=self.limit)},
        )

    def _credential(self) -> "S3Credential":
        keys = self._keys
        return {
            "access_key_id": keys.access,
            "secret_access_key": keys.secret,
            "token": keys.token,
            "expires_at": None,
        }


def endpoint_of(settings: S3Settings, bucket: str) -> str:
    """The address of requests about this bucket."""
    address = urlsplit(settings.endpoint)
    host = address.netloc if settings.path_style else f"{bucket}.{address.netloc}"
    return f"{address.scheme}://{host}"


def read_keys(settings: S3Settings, environment: Mapping[str, str] = os.environ) -> Keys:
    """From the settings, and what they leave out from the environment. Raises SetupError."""
    access = settings.access_key or environment.get("AWS_ACCESS_KEY_ID", "")
    file = settings.secret_key_file
    secret = _read(file, "secret_key_file").strip() if file else environment.get("AWS_SECRET_ACCESS_KEY", "")
    if not access or not secret:
        raise SetupError(
            "The object store 's3' has no keys: set store.access_key and store.secret_key_file, or AWS_ACCESS_KEY_ID "
            "and AWS_SECRET_ACCESS_KEY in the environment."
        )
    # A session's token belongs to the key in the environment, and to no other one.
    token = None if settings.access_key else environment.get("AWS_SESSION_TOKEN")
    return Keys(access=access, secret=secret, token=token)


def _read(file: Path, setting: str) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise SetupError(f"store.{setting}: {file} cannot be read: {why}.") from error
