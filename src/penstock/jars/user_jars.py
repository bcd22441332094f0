"""The user's jars, open, in the order in which Flink's user class loader asks them; and what is wrong with each."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from os import SEEK_END
from pathlib import Path
from typing import IO

from penstock.domain.faults import Fault, FaultCode
from penstock.domain.warning import JobWarning, WarningCode
from penstock.jars.archive import Archive, Entry, NotAnArchive, TooLarge, inside, open_archive
from penstock.jars.classes import find_class, inner_jars, is_class, name_of
from penstock.jars.directory import MAX_ENTRIES, Window
from penstock.jars.manifest import is_multi_release, main_attributes
from penstock.jars.signatures import stale_signature
from penstock.jars.soundness import dangers_of

# Flink unpacks the jars in lib/ into its temporary folder at every start.
INNER_BUDGET = 2 * 1024**3
# Names take memory as entries do.
_NAME_OF_ONE_ENTRY = 256
ENTRYPOINT = "entrypoint"
_FIRST_BYTES = b"PK\3\4"

_FLINK = "org/apache/flink/"
# One of each part that belongs to the installed Flink; connectors and formats do belong into a job's jar.
_FLINKS_OWN = (
    "org/apache/flink/streaming/api/environment/StreamExecutionEnvironment.class",
    "org/apache/flink/api/common/JobID.class",
    "org/apache/flink/runtime/jobgraph/JobGraph.class",
    "org/apache/flink/client/program/PackagedProgram.class",
    "org/apache/flink/table/api/TableEnvironment.class",
)


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar as the caller named it, in which field (`entrypoint` or another), and where its bytes are."""

    field: str
    name: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class UserJar:
    """One jar of the user class path; one inside another is named as Java does: outer!/inner."""

    field: str
    name: str
    archive: Archive

    @cached_property
    def is_multi_release(self) -> bool:
        """Not so if its manifest cannot be read: what needs a class of it finds out."""
        with suppress(NotAnArchive):
            return is_multi_release(self.archive)
        return False

    @cached_property
    def stale_signature(self) -> str | None:
        with suppress(NotAnArchive):
            return stale_signature(self.archive)
        return None

    def find(self, class_path: str, java: int) -> Entry | None:
        """The entry of a class named with slashes that this Java takes."""
        return find_class(self.archive, class_path, java if self.is_multi_release else 0)


@dataclass(slots=True)
class UserJars:
    """Those that could be opened, and what was found on the way."""

    jars: list[UserJar] = field(default_factory=list)
    refusals: list[Fault] = field(default_factory=list)
    warnings: list[JobWarning] = field(default_factory=list)


@contextmanager
def opened(jars: Sequence[Jar]) -> Iterator[UserJars]:
    """The entrypoint, the dependencies, and the jars in the entrypoint's lib/, as the bundle orders them."""
    found = UserJars()
    with ExitStack() as stack, tempfile.TemporaryFile() as file:
        outer = None
        for jar in jars:
            if jar.field == ENTRYPOINT:
                outer = _open_entrypoint(stack, found, jar)
            else:
                _open_dependency(stack, found, jar)
        if outer:
            _open_inner_jars(found, outer, file)
        yield found


def _open(stack: ExitStack, found: UserJars, jar: Jar) -> Archive | None:
    try:
        archive = stack.enter_context(open_archive(jar.path))
        main_attributes(archive)
    except NotAnArchive as error:
        found.refusals.append(_unreadable(jar.field, jar.name, error))
        return None
    return archive


def _open_entrypoint(stack: ExitStack, found: UserJars, jar: Jar) -> UserJar | None:
    archive = _open(stack, found, jar)
    if archive is None:
        return None
    try:
        for entry in archive.entries:
            archive.data_at(entry)  # a bundle copies them all
    except NotAnArchive as error:
        found.refusals.append(_unreadable(jar.field, jar.name, error))
    return _keep(found, UserJar(field=jar.field, name=jar.name, archive=archive))


def _open_dependency(stack: ExitStack, found: UserJars, jar: Jar) -> None:
    archive = _open(stack, found, jar)
    if archive is None:
        return
    _keep_beside(found, UserJar(field=jar.field, name=jar.name, archive=archive))
    if ignored := inner_jars(archive):
        code = WarningCode.INNER_JARS_IGNORED
        found.warnings.append(JobWarning.at(jar.field, code, package=jar.name, entry=ignored[0].name))


def _keep_beside(found: UserJars, jar: UserJar) -> None:
    """Under a security manager, which Flink needs to catch System.exit, Java passes over a jar with bytes before it.

    For the entrypoint that does not matter: the bundle is written without them.
    """
    if jar.archive.entries and not jar.archive.window.read_at(0, 4).startswith(_FIRST_BYTES):
        found.refusals.extend(dangers_of(jar.archive, jar.field, jar.name))
        found.warnings.append(_passed_over(jar.field, jar.name, "There are bytes before its first entry."))
    else:
        _keep(found, jar)


def _keep(found: UserJars, jar: UserJar) -> UserJar:
    found.jars.append(jar)
    found.refusals.extend(dangers_of(jar.archive, jar.field, jar.name))
    if flink := _bundled_flink(jar):
        found.warnings.append(flink)
    return jar


def _open_inner_jars(found: UserJars, outer: UserJar, file: IO[bytes]) -> None:
    left, room = INNER_BUDGET, MAX_ENTRIES - len(outer.archive.entries)
    for entry in inner_jars(outer.archive):
        name = f"{outer.name}!/{entry.name}"
        before = file.seek(0, SEEK_END)
        try:
            window = inside(outer.archive, entry, file, left)
        except TooLarge:
            code = FaultCode.INNER_JARS_TOO_LARGE
            found.refusals.append(Fault.at(outer.field, code, package=outer.name, entry=entry.name, limit=INNER_BUDGET))
            return
        except NotAnArchive as error:  # Flink unpacks it, and fails
            found.refusals.append(_unreadable(outer.field, name, error))
            continue
        left -= file.seek(0, SEEK_END) - before
        room -= _keep_inner(found, outer.field, name, window)
        if room < 0:
            code = FaultCode.ENTRIES_TOO_MANY
            found.refusals.append(Fault.at(outer.field, code, package=outer.name, limit=MAX_ENTRIES))
            return


def _keep_inner(found: UserJars, field_name: str, name: str, window: Window) -> int:
    """How much room its entries take: names take memory too."""
    try:
        archive = Archive(window)
    except NotAnArchive as error:  # Java's class loader passes over a jar that it cannot read
        found.warnings.append(_passed_over(field_name, name, str(error)))
        return 0
    _keep_beside(found, UserJar(field=field_name, name=name, archive=archive))
    return sum(1 + len(entry.name) // _NAME_OF_ONE_ENTRY for entry in archive.entries)


def _passed_over(field_name: str, name: str, why: str) -> JobWarning:
    return JobWarning.at(field_name, WarningCode.JAR_PASSED_OVER, package=name, why=why)


def _unreadable(field_name: str, name: str, error: NotAnArchive) -> Fault:
    return Fault.at(field_name, FaultCode.NOT_A_JAR, package=name, why=str(error))


def _bundled_flink(jar: UserJar) -> JobWarning | None:
    sign = next((sign for sign in _FLINKS_OWN if jar.archive.find(sign)), None)
    if sign is None:
        return None
    classes = sum(1 for entry in jar.archive.entries if is_class(entry.name) and entry.name.startswith(_FLINK))
    code, class_name = WarningCode.FLINK_BUNDLED, name_of(sign)
    return JobWarning.at(jar.field, code, package=jar.name, class_name=class_name, classes=classes)
