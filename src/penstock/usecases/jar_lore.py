"""What was read of jars, kept by content: contents never change, and a jar that runs often is read once."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from penstock.domain.run_sheet import Part
from penstock.jars.archive import NotAnArchive, open_archive
from penstock.jars.classes import is_class, name_of
from penstock.jars.examination import Findings, examine
from penstock.jars.manifest import main_class
from penstock.jars.user_jars import Jar
from penstock.usecases.blobs import BlobStore

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a job's jars: whether this Java, in front of Flink's own class path, can run the class of them.

    Without a main class only the jars themselves are looked at.
    """

    entrypoint: Part | None
    jars: tuple[Part, ...]
    main_class: str
    java: int
    class_path: tuple[Path, ...] = ()


class JarLore:
    """Remembers about so many jars, and answers to questions about them."""

    def __init__(self, limit: int = 2000) -> None:
        self._main_classes: _Kept[str, str] = _Kept(limit)
        self._findings: _Kept[Question, Findings] = _Kept(limit)
        self._flinks: _Kept[tuple[Path, ...], frozenset[str]] = _Kept(2)

    async def main_class(self, blobs: BlobStore, sha256: str) -> str:
        """The one that the manifest names, if any."""
        known = self._main_classes.find(sha256)
        if known is None:
            path = await blobs.fetch(sha256)
            known = self._main_classes.keep(sha256, await asyncio.to_thread(_main_class, path))
        return known

    async def examine(self, blobs: BlobStore, question: Question) -> Findings:
        """Raises ObjectMissing or StoreUnavailable."""
        known = self._findings.find(question)
        if known is None:
            parts = [("entrypoint", question.entrypoint)] if question.entrypoint else []
            parts += [("dependency_jars", part) for part in question.jars]
            jars = [Jar(field, part.name, await blobs.fetch(part.sha256)) for field, part in parts]
            known = self._findings.keep(question, await asyncio.to_thread(self._examined, question, jars))
        return known

    def _examined(self, question: Question, jars: Sequence[Jar]) -> Findings:
        flinks = self._classes_of(question.class_path)
        has_class = None if flinks is None else flinks.__contains__
        return examine(jars, question.main_class, java=question.java, flink_classes=has_class)

    def _classes_of(self, class_path: tuple[Path, ...]) -> frozenset[str] | None:
        """All that are in these jars; None if nothing is known of them."""
        if not class_path:
            return None
        known = self._flinks.find(class_path)
        return self._flinks.keep(class_path, _classes_in(class_path)) if known is None else known


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


def _main_class(path: Path) -> str:
    try:
        with open_archive(path) as archive:
            return main_class(archive) or ""
    except NotAnArchive:
        return ""  # what is wrong with the jar is for the examination to say


def _classes_in(jars: Sequence[Path]) -> frozenset[str]:
    found: set[str] = set()
    for path in jars:
        with open_archive(path) as archive:
            found.update(name_of(entry.name) for entry in archive.entries if is_class(entry.name))
    return frozenset(found)
