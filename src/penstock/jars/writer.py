"""Writes a jar of raw copies and stored files, with the same bytes on every machine."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import IO

from penstock.jars.archive import CHUNK, Archive
from penstock.jars.directory import STORED, Entry

_MAGIC32 = 0xFFFFFFFF
_MAGIC16 = 0xFFFF
_UTF8_NAME = 0x800
# The sizes stand in the local header, so no descriptor follows the data.
_DESCRIPTOR = 0x8
# 1980-01-01 00:00, the first moment that the format knows: the date is in the upper half.
_FIRST_DAY = 0x21 << 16
_PLAIN, _ZIP64 = 20, 45


class JarWriter:
    """A jar in the making, in a file that can seek; the directory is written by `finish`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._directory: list[bytes] = []

    def copy(self, archive: Archive, entry: Entry) -> None:
        """An entry of another jar, its data as stored; its extra fields, which the class loaders ignore, stay behind."""
        header = replace(entry, flags=entry.flags & ~_DESCRIPTOR, header_at=self._file.tell())
        pieces = archive.stored(entry)
        self._file.write(_local(header))
        self._file.writelines(pieces)
        self._directory.append(_central(header))

    def add(self, name: str, path: Path) -> None:
        """A file's content under this name, stored."""
        start = self._file.tell()
        with path.open("rb") as source:
            size = source.seek(0, 2)
            source.seek(0)
            header = Entry(
                name=name,
                flags=_UTF8_NAME,
                method=STORED,
                modified=_FIRST_DAY,
                crc=0,
                stored_size=size,
                size=size,
                header_at=start,
            )
            self._file.write(_local(header))
            data_at = self._file.tell()
            crc = self._copied(source)
        end = self._file.tell()
        if end - data_at != size:
            raise OSError(f"{path} changed while it was copied: {size} bytes before, {end - data_at} now")
        header = replace(header, crc=crc)
        self._file.seek(start)
        self._file.write(_local(header))
        self._file.seek(end)
        self._directory.append(_central(header))

    def finish(self) -> None:
        """The directory and the end records."""
        offset = self._file.tell()
        self._file.writelines(self._directory)
        end = self._file.tell()
        count, size = len(self._directory), end - offset
        if count >= _MAGIC16 or size >= _MAGIC32 or offset >= _MAGIC32:
            self._file.write(
                struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, _ZIP64, _ZIP64, 0, 0, count, count, size, offset)
                + struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
            )
        count, size, offset = min(count, _MAGIC16), min(size, _MAGIC32), min(offset, _MAGIC32)
        self._file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, offset, 0))

    def _copied(self, source: IO[bytes]) -> int:
        crc = 0
        while piece := source.read(CHUNK):
            crc = zlib.crc32(piece, crc)
            self._file.write(piece)
        return crc


def _local(entry: Entry) -> bytes:
    sizes = (entry.size, entry.stored_size)
    # Both sizes or neither: the format asks for both in a local header.
    extra = _zip64_field(*sizes) if max(sizes) >= _MAGIC32 else b""
    if extra:
        sizes = (_MAGIC32, _MAGIC32)
    name = entry.name.encode()
    fields = (_ZIP64 if extra else _PLAIN, entry.flags, entry.method, entry.modified, entry.crc, sizes[1], sizes[0])
    return struct.pack("<4s3H4L2H", b"PK\3\4", *fields, len(name), len(extra)) + name + extra


def _central(entry: Entry) -> bytes:
    numbers = (entry.size, entry.stored_size, entry.header_at)
    extra = _zip64_field(*(number for number in numbers if number >= _MAGIC32))
    size, stored_size, header_at = (min(number, _MAGIC32) for number in numbers)
    name = entry.name.encode()
    version = _ZIP64 if extra else _PLAIN
    fields = (version, version, entry.flags, entry.method, entry.modified, entry.crc, stored_size, size)
    lengths = (len(name), len(extra), 0)
    return struct.pack("<4s4H4L5H2L", b"PK\1\2", *fields, *lengths, 0, 0, 0, header_at) + name + extra


def _zip64_field(*numbers: int) -> bytes:
    return struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers) if numbers else b""
