"""Whether a class is in a user's jars, where Flink's user class loader would look for it."""

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from penstock.jars.archive import Archive, Entry, NotAnArchive, open_archive, open_inside
from penstock.jars.manifest import is_multi_release

# The Java that runs the job decides which versions of a Multi-Release jar count.
JAVA = 21
LARGEST_INNER_JAR = 2 * 1024**3

_VERSIONED = re.compile(r"META-INF/versions/([1-9][0-9]{0,3})/(.+)\Z")
_FIRST_VERSION = 9


def user_jars_hold(class_name: str, entrypoint: Path, dependencies: Sequence[Path] = (), *, java: int = JAVA) -> bool:
    """Whether the entrypoint, a jar in its lib/, or a dependency holds the class; NotAnArchive if one is unreadable."""
    with open_archive(entrypoint) as archive:
        if holds(archive, class_name, java=java):
            return True
        for path in dependencies:
            with open_archive(path) as dependency:
                if holds(dependency, class_name, java=java):
                    return True
        return any(_holds_inside(archive, entry, class_name, java) for entry in inner_jars(archive))


def holds(archive: Archive, class_name: str, *, java: int = JAVA) -> bool:
    """Whether this one jar holds the class, be it only in a version for this Java or an older one."""
    if "/" in class_name:
        return False
    path = class_name.replace(".", "/") + ".class"
    return archive.find(path) is not None or (_in_a_version(archive, path, java) and is_multi_release(archive))


def inner_jars(archive: Archive) -> list[Entry]:
    """The entries that Flink unpacks and puts on the user class path; those of one name count once."""
    entries = {entry.name: entry for entry in archive.entries if is_inner_jar(entry.name)}
    return list(entries.values())


def is_inner_jar(name: str) -> bool:
    """As in PackagedProgram.extractContainedLibraries of Flink 1.20."""
    return name.startswith("lib/") and name.endswith(".jar") and len(name) > len("lib/.jar")


def _in_a_version(archive: Archive, path: str, java: int) -> bool:
    matches = (_VERSIONED.match(entry.name) for entry in archive.entries if entry.name.endswith(path))
    return any(match[2] == path and _FIRST_VERSION <= int(match[1]) <= java for match in matches if match)


def _holds_inside(archive: Archive, entry: Entry, class_name: str, java: int) -> bool:
    # Java's class loader passes over a jar that it cannot read.
    with suppress(NotAnArchive), open_inside(archive, entry, LARGEST_INNER_JAR) as inner:
        return holds(inner, class_name, java=java)
    return False
