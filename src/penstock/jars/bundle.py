"""Builds the one jar that a run ships: the entrypoint, its dependency jars in lib/, its data files in userData/.

The entrypoint's entries are copied as they are stored, never packed anew, and equal inputs give equal bytes. The order
is what Flink depends on, as it reads lib/ in the order of the archive: the manifest, the dependency jars, the data
files, then the rest of the entrypoint. Of two entries of one name the bundle keeps what Java sees, the last; an entry
that a dependency brings replaces the entrypoint's own.
"""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from penstock.jars.archive import Archive, Entry, NotAnArchive, open_archive
from penstock.jars.manifest import is_manifest
from penstock.jars.writer import JarWriter


def build(entrypoint: Path, jars: Sequence[tuple[str, Path]], files: Sequence[tuple[str, Path]], target: Path) -> None:
    """Make the bundle at the target, whole or not at all: jars by their content hash, files by their name."""
    added = {f"lib/{sha256}.jar": path for sha256, path in jars}
    added |= {f"userData/{name}": path for name, path in files}
    with open_archive(entrypoint) as archive:
        kept = [entry for entry in _seen_by_java(archive) if entry.name not in added]
        _refuse_overlaps(archive, kept)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            part = Path(file.name)
            try:
                _write(file, archive, kept, added)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _seen_by_java(archive: Archive) -> list[Entry]:
    return [entry for entry in archive.entries if archive.find(entry.name) is entry]


def _refuse_overlaps(archive: Archive, entries: Iterable[Entry]) -> None:
    """Entries that share bytes would make the bundle grow far beyond its parts."""
    together = sum(entry.stored_size for entry in entries)
    if together > archive.window.size:
        raise NotAnArchive(f"The jar's entries overlap: {together} bytes in a file of {archive.window.size}.")


def _write(file: IO[bytes], archive: Archive, kept: Sequence[Entry], added: dict[str, Path]) -> None:
    writer = JarWriter(file)
    for entry in kept:
        if is_manifest(entry.name):
            writer.copy(archive, entry)
    for name, path in added.items():
        writer.add(name, path)
    for entry in kept:
        if not is_manifest(entry.name):
            writer.copy(archive, entry)
    writer.finish()
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
