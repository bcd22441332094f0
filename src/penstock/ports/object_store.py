"""Named objects in a named place; keys are `/`-separated and never contain `.`, `..` or empty parts.

Nor do they contain control characters. A store may have buckets of its own, of which one is its home: there a key
`@name/rest` is the object `rest` of its bucket `name`. Where it has none, no key begins with `@`.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """One object, without its bytes."""

    key: str
    size: int  # bytes
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPage:
    """A page of a listing, in the order of the keys; `next` is the cursor of the following one, or None."""

    objects: tuple[ObjectInfo, ...]
    next: str | None


class ObjectStore(Protocol):
    """Methods raise ObjectMissing, StoreUnavailable or StoreFull; a put is seen whole or not at all."""

    @property
    def home(self) -> str:
        """Where keys lie that name no bucket of the store, as `bucket/prefix`; empty where it has no buckets."""
        ...

    async def put_file(self, key: str, source: Path) -> None:
        """Store the file's bytes, with memory that does not grow with them."""
        ...

    async def put(self, key: str, data: bytes) -> None: ...

    async def head(self, key: str) -> ObjectInfo: ...

    def read(self, key: str) -> AsyncGenerator[bytes, None]:
        """The bytes, in pieces. Whoever does not read on to the end closes it."""
        ...

    async def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""
        ...

    async def list(self, prefix: str = "", *, limit: int = 1000, cursor: str | None = None) -> ObjectPage: ...

    def local_path(self, key: str) -> Path | None:
        """Where the object lies as a file of this machine, if it does; saves a copy. It is not to be changed."""
        ...
