"""What was read of jars, kept by content: contents never change, and a jar that runs often is read once."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from penstock.jars.archive import NotAnArchive, open_archive
from penstock.jars.classes import user_jars_hold
from penstock.jars.manifest import main_class
from penstock.usecases.blobs import BlobStore

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class JarFacts:
    """`trouble` is why Java cannot read it, else empty; `main_class` is the manifest's."""

    trouble: str = ""
    main_class: str = ""


class JarLore:
    """Remembers about so many jars, and questions about classes in them."""

    def __init__(self, limit: int = 2000) -> None:
        self._facts: _Kept[str, JarFacts] = _Kept(limit)
        self._answers: _Kept[tuple[str, ...], bool] = _Kept(limit)

    async def facts(self, blobs: BlobStore, sha256: str) -> JarFacts:
        known = self._facts.find(sha256)
        if known is None:
            path = await blobs.fetch(sha256)
            known = self._facts.keep(sha256, await asyncio.to_thread(_read, path))
        return known

    async def holds(self, blobs: BlobStore, class_name: str, jars: Sequence[str]) -> bool:
        """Whether the first jar or one of the others has the class; all of them are readable."""
        key = (class_name, *jars)
        known = self._answers.find(key)
        if known is None:
            paths = [await blobs.fetch(sha256) for sha256 in jars]
            held = await asyncio.to_thread(user_jars_hold, class_name, paths[0], paths[1:])
            known = self._answers.keep(key, held)
        return known


class _Kept(Generic[K, V]):
    """The entries that were asked for last, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._limit = limit

    def find(self, key: K) -> V | None:
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def keep(self, key: K, value: V) -> V:
        self._entries[key] = value
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
        return value


def _read(path: Path) -> JarFacts:
    try:
        with open_archive(path) as archive:
            return JarFacts(main_class=main_class(archive) or "")
    except NotAnArchive as error:
        return JarFacts(trouble=str(error))
