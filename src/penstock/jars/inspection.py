"""What is in a job's jars, for a person who wonders: versions of classes, main classes, what comes twice, what is wrong.

Unlike an examination it looks into every class, so it takes seconds for a large jar; its memory stays small.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from penstock.jars.archive import Archive, Entry, NotAnArchive
from penstock.jars.class_file import PUBLIC, NotAClass, read_class, version_of
from penstock.jars.classes import is_class, name_of
from penstock.jars.examination import Findings, judge
from penstock.jars.manifest import main_class
from penstock.jars.user_jars import ENTRYPOINT, Jar, UserJar, opened

MOST_NAMED = 20
# Beyond them only the first bytes of each class are read, and main classes are not looked for.
_MOST_SEARCHED = 256 * 1024 * 1024
_LARGEST_SEARCHED = 1024 * 1024

_FLINK = "org/apache/flink/"
_STRINGS = "([Ljava/lang/String;)V"


@dataclass(frozen=True, slots=True, kw_only=True)
class JarReport:
    """`versions` counts classes by Java version; at most so many main classes and duplicates are named, all are counted."""

    size: int
    entries: int
    main_class: str
    is_multi_release: bool
    inner_jars: tuple[str, ...]
    versions: Mapping[int, int]
    main_classes: tuple[str, ...]
    main_classes_count: int
    is_searched_whole: bool
    flink_classes: int
    duplicates: Mapping[str, tuple[str, ...]]
    duplicates_count: int
    findings: Findings


@dataclass(slots=True)
class _Search:
    """What was found in the classes so far."""

    left: int
    versions: Counter[int] = field(default_factory=Counter)
    mains: list[str] = field(default_factory=list)
    is_whole: bool = True

    def look_into(self, archive: Archive, entry: Entry) -> None:
        is_searched = entry.size <= min(self.left, _LARGEST_SEARCHED)
        data = archive.read(entry, _LARGEST_SEARCHED) if is_searched else archive.head(entry, 8)
        self.left -= len(data)
        self.is_whole &= is_searched
        self.versions[version_of(data[:8]).java] += 1
        if is_searched and _STRINGS.encode() in data and has_main(data):
            self.mains.append(name_of(entry.name))


def inspect(jars: Sequence[Jar], chosen_main_class: str = "", *, java: int) -> JarReport:
    """A report on these jars, the entrypoint first; the main class is the chosen one, else the manifest's."""
    with opened(jars) as found:
        outer = next((jar for jar in found.jars if jar.field == ENTRYPOINT), None)
        named = _manifest_main_class(outer)
        search, places = _Search(_MOST_SEARCHED), _places(found.jars)
        for jar in found.jars:
            for entry in _classes(jar):
                with suppress(NotAClass, NotAnArchive):
                    search.look_into(jar.archive, entry)
        twice = {name: tuple(where) for name, where in places.items() if len(where) > 1}
        return JarReport(
            size=jars[0].path.stat().st_size,
            entries=len(outer.archive.entries) if outer else 0,
            main_class=named,
            is_multi_release=bool(outer and outer.is_multi_release),
            inner_jars=tuple(jar.name for jar in found.jars if "!/" in jar.name),
            versions=dict(sorted(search.versions.items())),
            main_classes=tuple(sorted(search.mains)[:MOST_NAMED]),
            main_classes_count=len(search.mains),
            is_searched_whole=search.is_whole,
            flink_classes=sum(1 for jar in found.jars for entry in _classes(jar) if entry.name.startswith(_FLINK)),
            duplicates=dict(sorted(twice.items())[:MOST_NAMED]),
            duplicates_count=len(twice),
            findings=judge(found, chosen_main_class or named, java=java),
        )


def has_main(data: bytes) -> bool:
    """Whether the class itself declares what Flink can call."""
    read = read_class(data)
    is_public = bool(read.modifiers & read.flags & PUBLIC)
    mains = (one for one in read.methods if (one.name, one.descriptor) == ("main", _STRINGS))
    return is_public and any(one.is_public and one.is_static for one in mains)


def _manifest_main_class(jar: UserJar | None) -> str:
    return (main_class(jar.archive) or "") if jar else ""


def _classes(jar: UserJar) -> Iterator[Entry]:
    """As Java sees them: the last of those of one name."""
    return (one for one in jar.archive.entries if is_class(one.name) and jar.archive.find(one.name) is one)


def _places(jars: Sequence[UserJar]) -> Mapping[str, list[str]]:
    """Every class with the jars that have it; one that a jar has twice is named with that jar twice."""
    places: dict[str, list[str]] = {}
    for jar in jars:
        for entry in jar.archive.entries:
            if is_class(entry.name) and not entry.name.endswith("module-info.class"):
                places.setdefault(name_of(entry.name), []).append(jar.name)
    return places
