"""Reads a zip's central directory as Java's ZipFile does (JDK 17 and 21).

Java finds the end record from the back, ignores what stands before and after the zip, takes names as UTF-8 whatever the
flags say, and refuses the whole file for one encrypted entry or one unknown method. Python's zipfile differs in each.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from penstock.domain.errors import PenstockError

STORED = 0
DEFLATED = 8
# Flink's own distribution, all in one jar, has 35,000 entries: what is far beyond it is an attack on our memory.
MAX_ENTRIES = 200_000
MAX_DIRECTORY_BYTES = 64 * 1024 * 1024

_ENCRYPTED = 0x1
_MAGIC32 = 0xFFFFFFFF
_MAGIC16 = 0xFFFF
_ZIP64_TAG = 1
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_HEADER = struct.Struct("<4s4HL3L5H2L")
_LONGEST_TAIL = _END.size + 0xFFFF


class NotAnArchive(PenstockError):
    """Java cannot read this file as a jar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file in a jar, as the central directory describes it; `header_at` counts from the start of the file."""

    name: str
    flags: int
    method: int
    modified: int
    crc: int
    stored_size: int
    size: int
    header_at: int


@dataclass(frozen=True, slots=True)
class Window:
    """A part of an open file, read by position: a jar of its own, or one stored inside another."""

    descriptor: int
    start: int
    size: int

    def read_at(self, position: int, length: int) -> bytes:
        """The bytes there; fewer where the window or the file ends."""
        if position < 0:
            return b""
        length = min(length, self.size - position)
        return os.pread(self.descriptor, length, self.start + position) if length > 0 else b""


@dataclass(frozen=True, slots=True)
class _End:
    position: int
    count: int
    size: int
    offset: int


def entries_of(window: Window) -> tuple[Entry, ...]:
    """All entries in the order of the directory, names that come twice included."""
    end = _find_end(window)
    if end.position == 0:
        return ()
    if end.size > end.position:
        raise NotAnArchive("The jar is damaged: its directory would begin before the file does.")
    if end.size > MAX_DIRECTORY_BYTES:
        raise NotAnArchive(f"The jar's directory has {end.size} bytes; {MAX_DIRECTORY_BYTES} are read at most.")
    directory_at = end.position - end.size
    shift = directory_at - end.offset
    if shift < 0:
        raise NotAnArchive("The jar is damaged or cut off: its directory lies elsewhere than its end record says.")
    return tuple(_parsed(window.read_at(directory_at, end.size), shift))


def _find_end(window: Window) -> _End:
    """The last end record that fits the file: Java accepts it if the comment ends the file or the offsets agree."""
    tail_at = max(0, window.size - _LONGEST_TAIL)
    tail = window.read_at(tail_at, _LONGEST_TAIL)
    found = len(tail) - _END.size + 4
    while (found := tail.rfind(b"PK\5\6", 0, max(0, found))) >= 0:
        _, _, _, _, count, size, offset, comment = _END.unpack_from(tail, found)
        end = _End(tail_at + found, count, size, offset)
        if end.position + _END.size + comment == window.size or _offsets_agree(window, end):
            return _find_end64(window, end)
        found += 3
    raise NotAnArchive(_why_no_end(window))


def _why_no_end(window: Window) -> str:
    if window.size == 0:
        return "The file is empty."
    if window.read_at(0, 4) == b"PK\3\4":
        return "The jar is cut off: it begins as a zip file does, but its directory at the end is missing."
    return "The file is not a jar: it is no zip file."


def _offsets_agree(window: Window, end: _End) -> bool:
    directory_at = end.position - end.size
    first_at = directory_at - end.offset
    return window.read_at(directory_at, 4) == b"PK\1\2" and window.read_at(first_at, 4) == b"PK\3\4"


def _find_end64(window: Window, end: _End) -> _End:
    """The ZIP64 record, if there is one and the plain record does not contradict it."""
    locator = window.read_at(end.position - _END64_LOCATOR.size, _END64_LOCATOR.size)
    if len(locator) < _END64_LOCATOR.size or not locator.startswith(b"PK\6\7"):
        return end
    position = _END64_LOCATOR.unpack(locator)[2]
    record = window.read_at(position, _END64.size)
    if len(record) < _END64.size or not record.startswith(b"PK\6\6"):
        return end
    count, size, offset = _END64.unpack(record)[-3:]
    pairs = ((count, end.count, _MAGIC16), (size, end.size, _MAGIC32), (offset, end.offset, _MAGIC32))
    if any(large != small != magic for large, small, magic in pairs):
        return end
    return _End(position, count, size, offset)


def _parsed(directory: bytes, shift: int) -> Iterator[Entry]:
    position = 0
    for number in range(MAX_ENTRIES + 1):
        if position + _HEADER.size > len(directory):
            break
        if number == MAX_ENTRIES:
            raise NotAnArchive(f"The jar has more than {MAX_ENTRIES} entries.")
        signature, *_ = fields = _HEADER.unpack_from(directory, position)
        name_length, extra_length, comment_length = fields[9:12]
        name_at = position + _HEADER.size
        extra_at = name_at + name_length
        position = extra_at + extra_length + comment_length
        if signature != b"PK\1\2" or position > len(directory):
            raise NotAnArchive(f"The jar's directory is damaged at entry {number + 1}.")
        name = _decoded(directory[name_at:extra_at], number)
        yield _entry(name, fields, directory[extra_at : extra_at + extra_length], shift)
    if position != len(directory):
        raise NotAnArchive("The jar's directory is damaged: it does not end where its last entry does.")


def _decoded(name: bytes, number: int) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAnArchive(f"The name of entry {number + 1} is not UTF-8: {name!r}.") from error


def _entry(name: str, fields: tuple[int, ...], extra: bytes, shift: int) -> Entry:
    _, _, _, flags, method, modified, crc, stored_size, size, _, _, _, _, _, _, header_at = fields
    if flags & _ENCRYPTED:
        raise NotAnArchive(f"The entry {name} is encrypted: Java refuses the whole jar.")
    if method not in (STORED, DEFLATED):
        raise NotAnArchive(f"The entry {name} is packed with method {method}: Java knows stored and deflated only.")
    size, stored_size, header_at = _sizes(name, extra, (size, stored_size, header_at))
    return Entry(
        name=name,
        flags=flags,
        method=method,
        modified=modified,
        crc=crc,
        stored_size=stored_size,
        size=size,
        header_at=header_at + shift,
    )


def _sizes(name: str, extra: bytes, sizes: tuple[int, int, int]) -> Sequence[int]:
    """The three numbers, those that did not fit into 32 bits taken from the ZIP64 field, where they stand in order."""
    field = _zip64_field(name, extra)
    if not field:
        return sizes
    wanted = sum(size == _MAGIC32 for size in sizes)
    if len(field) not in range(4, 32, 4) or len(field) < 8 * wanted:
        raise NotAnArchive(f"The jar is damaged: the ZIP64 field of the entry {name} has a wrong length.")
    values = iter(struct.unpack_from(f"<{wanted}Q", field))
    return [next(values) if size == _MAGIC32 else size for size in sizes]


def _zip64_field(name: str, extra: bytes) -> bytes:
    found = b""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, position)
        data_at = position + 4
        position = data_at + length
        if position > len(extra):
            raise NotAnArchive(f"The jar is damaged: an extra field of the entry {name} is longer than all of them.")
        if tag == _ZIP64_TAG:
            found = extra[data_at:position]
    return found
