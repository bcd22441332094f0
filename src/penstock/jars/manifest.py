"""A jar's main attributes as Java's Manifest parses them, and the main class that Flink takes from them."""

import re
from collections.abc import Iterator, Mapping

from penstock.jars.archive import Archive, NotAnArchive

# A signed jar has a section for each of its entries, so manifests of some megabytes are real.
_LARGEST = 16 * 1024 * 1024
# Java reads lines into a buffer of this size, the first byte of the line end included.
_LONGEST_LINE = 512
# A line with its end, or empty lines, however many.
_LINE = re.compile(rb"([^\r\n]+)(?:\r\n|\r|\n)|[\r\n]+")
_ATTRIBUTE = re.compile(rb"([A-Za-z0-9_-]{1,70}): (.*)\Z", re.DOTALL)


def main_class(archive: Archive) -> str | None:
    """The class that Flink runs if none is named: `program-class` stands before `Main-Class`."""
    attributes = main_attributes(archive)
    return attributes.get("program-class", attributes.get("main-class", "")).strip() or None


def is_multi_release(archive: Archive) -> bool:
    """Whether classes under META-INF/versions/ count."""
    return main_attributes(archive).get("multi-release", "").lower() == "true"


def main_attributes(archive: Archive) -> Mapping[str, str]:
    """The first section of the manifest, names in lower case, since Java ignores their case.

    The other sections must be right too: Java loads no class from a jar whose manifest it cannot parse.
    """
    names = [entry.name for entry in archive.entries if is_manifest(entry.name)]
    entry = archive.find(names[-1]) if names else None
    if entry is None:
        return {}
    lines = _lines(archive.read(entry, _LARGEST))
    main = dict(_section(lines))
    while section := list(_section(lines)):
        if section[0][0] != "name":
            raise NotAnArchive(f"The manifest has a section that begins with {section[0][0]}, not with Name.")
    return main


def section_of(signature: bytes) -> dict[str, str]:
    """The main section of a signature file, which has a manifest's form; empty where it is none."""
    try:
        return dict(_section(_lines(signature)))
    except NotAnArchive:
        return {}


def is_manifest(name: str) -> bool:
    """Whether Java takes an entry of this name for the manifest; of several, the last."""
    return name.upper() == "META-INF/MANIFEST.MF"


def _lines(manifest: bytes) -> Iterator[bytes]:
    """Lines with their continuations; an empty one ends a section. What ends with the file, Java drops whole."""
    whole = bytearray()
    position = 0
    while match := _LINE.match(manifest, position):
        line, position = match[1] or b"", match.end()
        if len(line) >= _LONGEST_LINE:
            raise NotAnArchive(f"The manifest has a line longer than {_LONGEST_LINE} bytes: {line[:40]!r}...")
        if not line.startswith(b" "):
            whole[:] = line
        elif whole:
            whole += line[1:]
        else:
            raise NotAnArchive("The manifest has a continuation line that continues nothing.")
        if manifest[position : position + 1] != b" " or not line:
            yield bytes(whole)


def _section(lines: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if not line:
            return
        match = _ATTRIBUTE.match(line)
        if match is None:
            raise NotAnArchive(f"The manifest has a line that is not 'Name: value': {line[:80]!r}.")
        yield match[1].decode("ascii").lower(), match[2].decode("utf-8", "replace")
