"""An open jar: its entries by name, and their bytes as stored or unpacked, a piece at a time."""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from penstock.jars.directory import STORED, Entry, NotAnArchive, Window, entries_of

__all__ = ["Archive", "Entry", "NotAnArchive", "TooLarge", "inside", "open_archive"]

CHUNK = 1024 * 1024
_CODE_TABLES = 1024
_LOCAL = struct.Struct("<4s5H3L2H")


class TooLarge(NotAnArchive):
    """An entry unpacks to more than anyone should hold."""


class Archive:
    """A jar that is open for reading; every error in it is a NotAnArchive."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.entries = entries_of(window)
        # Java takes the last of two entries of one name, and so does a dictionary.
        self._by_name = {entry.name: entry for entry in self.entries}

    def find(self, name: str) -> Entry | None:
        """The entry that Java takes for this name."""
        return self._by_name.get(name)

    def data_at(self, entry: Entry) -> int:
        """Where the entry's stored bytes begin, counted from the start of the file."""
        header = self.window.read_at(entry.header_at, _LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
            raise NotAnArchive(f"The jar is damaged: the entry {entry.name} is not where the directory says.")
        name_length, extra_length = _LOCAL.unpack(header)[-2:]
        position: int = entry.header_at + _LOCAL.size + name_length + extra_length
        if position + entry.stored_size > self.window.size:
            raise NotAnArchive(f"The jar is damaged: the entry {entry.name} goes beyond the end of the file.")
        return position

    def stored(self, entry: Entry) -> Iterator[bytes]:
        """The entry's bytes as they lie in the file, packed or not."""
        position = self.data_at(entry)
        end = position + entry.stored_size
        while position < end:
            piece = self.window.read_at(position, min(CHUNK, end - position))
            if not piece:
                raise NotAnArchive(f"The jar became shorter while its entry {entry.name} was read.")
            yield piece
            position += len(piece)

    def unpacked(self, entry: Entry, limit: int) -> Iterator[bytes]:
        """The entry's content; refused as soon as there is more of it than the limit."""
        left = limit
        for piece in self.stored(entry) if entry.method == STORED else self._inflated(entry):
            left -= len(piece)
            if left < 0:
                raise TooLarge(f"The entry {entry.name} unpacks to more than {limit} bytes.")
            yield piece

    def read(self, entry: Entry, limit: int) -> bytes:
        """The entry's whole content, which must not be more than the limit."""
        return b"".join(self.unpacked(entry, limit))

    def head(self, entry: Entry, length: int) -> bytes:
        """The first bytes of the content, without reading or unpacking the rest."""
        # Deflate may begin with the tables of its codes; they and some bytes fit easily.
        raw = self.window.read_at(self.data_at(entry), min(entry.stored_size, length + _CODE_TABLES))
        if entry.method == STORED:
            return raw[:length]
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(raw, length)
        except zlib.error as error:
            raise NotAnArchive(f"The entry {entry.name} is damaged: {error}.") from error

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for piece in self.stored(entry):
                while piece and not inflater.eof:
                    yield inflater.decompress(piece, CHUNK)
                    piece = inflater.unconsumed_tail
            while not inflater.eof and (rest := inflater.decompress(b"", CHUNK)):
                yield rest
        except zlib.error as error:
            raise NotAnArchive(f"The entry {entry.name} is damaged: {error}.") from error
        if not inflater.eof:
            raise NotAnArchive(f"The entry {entry.name} is damaged: its packed bytes end too early.")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The jar at this path; a NotAnArchive that is raised while it is open carries the path in its facts."""
    with path.open("rb") as file:
        try:
            yield Archive(Window(file.fileno(), 0, file.seek(0, 2)))
        except NotAnArchive as error:
            # Of several jars that are open the innermost is the one that is read.
            error.facts.setdefault("path", path)
            raise


def inside(archive: Archive, entry: Entry, file: IO[bytes], limit: int) -> Window:
    """Where to read a jar that is an entry of another one: in place if it is stored, else unpacked to the file's end."""
    if entry.method == STORED:
        outer = archive.window
        return Window(outer.descriptor, outer.start + archive.data_at(entry), entry.stored_size)
    start = file.seek(0, os.SEEK_END)
    for piece in archive.unpacked(entry, limit):
        file.write(piece)
    file.flush()
    return Window(file.fileno(), start, file.tell() - start)
