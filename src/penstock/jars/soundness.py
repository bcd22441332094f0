"""What makes a jar dangerous to take apart, found by arithmetic on its directory: nothing is unpacked here.

What Java would refuse is not meant, `directory.py` sees to that; Flink runs such jars, and we do not.
"""

import re
from collections.abc import Iterator

from penstock.domain.faults import Fault, FaultCode
from penstock.jars.archive import Archive, Entry
from penstock.jars.directory import STORED

# A jar may be large, and it may be packed well, but no job's jar is both: deflate packs a thousand to one at most.
MOST_UNPACKED = 8 * 1024**3
_SUSPICIOUS_UNPACKED = 512 * 1024**2
_SUSPICIOUS_RATIO = 100
_MOST_OF_DEFLATE = 1032

_LOCAL_HEADER = 30
_ABSOLUTE = re.compile(r"(?:[A-Za-z]:)?[/\\]")
_SEPARATORS = re.compile(r"[/\\]+")


def dangers_of(archive: Archive, field: str, package: str) -> Iterator[Fault]:
    """One fault for each kind of danger, naming the first entry of that kind."""
    if outside := next((entry for entry in archive.entries if points_out(entry.name)), None):
        yield Fault.at(field, FaultCode.ENTRY_POINTS_OUT, package=package, entry=outside.name)
    if overlapping := _first_overlap(archive):
        yield Fault.at(field, FaultCode.ENTRIES_OVERLAP, package=package, entry=overlapping.name)
    unpacked, limit = _unpacked(archive), _limit(archive)
    if unpacked > limit:
        yield Fault.at(field, FaultCode.JAR_UNPACKS_TOO_LARGE, package=package, unpacked=unpacked, limit=limit)


def points_out(name: str) -> bool:
    """Whether a program that unpacks the entry into a folder, on any system, may write beside that folder."""
    if not name.strip("/"):
        return False  # some packers write an entry for the folder itself
    if _ABSOLUTE.match(name):
        return True
    depth = 0
    for part in _SEPARATORS.split(name):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False


def _first_overlap(archive: Archive) -> Entry | None:
    """The first entry that begins before the one in front of it can have ended, be its header as short as possible."""
    before, end = None, 0
    for entry in sorted(archive.entries, key=lambda entry: entry.header_at):
        if before is not None and entry.header_at < end:
            return entry
        before, end = entry, entry.header_at + _LOCAL_HEADER + len(entry.name.encode()) + entry.stored_size
    return None


def _unpacked(archive: Archive) -> int:
    """By what the directory says, as far as that is possible."""
    return sum(_at_most(entry) for entry in archive.entries)


def _at_most(entry: Entry) -> int:
    if entry.method == STORED:
        return entry.stored_size
    return min(entry.size, entry.stored_size * _MOST_OF_DEFLATE)


def _limit(archive: Archive) -> int:
    return min(MOST_UNPACKED, max(_SUSPICIOUS_UNPACKED, archive.window.size * _SUSPICIOUS_RATIO))
