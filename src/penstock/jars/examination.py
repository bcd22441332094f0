"""Looks at the jars of a job without running them: what Flink would refuse, what is dangerous, what may go wrong later.

Nothing that Flink would run is refused for a reason of style; what only might go wrong is a warning. Classes of the
main class's way up are read whole, everything else is judged by the directories of the jars.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from penstock.domain.faults import Fault, FaultCode
from penstock.domain.warning import JobWarning, WarningCode
from penstock.jars.class_file import ClassFile
from penstock.jars.class_path import ClassPath
from penstock.jars.classes import is_class, name_of
from penstock.jars.main_method import FIELD, load_way, main_faults
from penstock.jars.user_jars import Jar, UserJar, UserJars, opened

# What Flink 2 has and Flink 1 never had.
_FLINK_2 = (
    "org/apache/flink/streaming/api/functions/sink/legacy/",
    "org/apache/flink/streaming/api/functions/source/legacy/",
    "org/apache/flink/util/ParameterTool",
    "org/apache/flink/datastream/",
)
_FLINK = "org/apache/flink/"


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands against running the jars, and what the caller should know."""

    refusals: tuple[Fault, ...] = ()
    warnings: tuple[JobWarning, ...] = ()


def examine(
    jars: Sequence[Jar], main_class: str, *, java: int, flink_classes: Callable[[str], bool] | None = None
) -> Findings:
    """Everything about these jars at once, the entrypoint first; without a main class, only the jars themselves.

    `java` is the version that will run them, `flink_classes` tells whether Flink's own class path has a class, which is
    named with dots; None if that is not known, and then nothing is refused that depends on it.
    """
    with opened(jars) as found:
        return judge(found, main_class, java=java, flink_classes=flink_classes)


def judge(
    found: UserJars, main_class: str, *, java: int, flink_classes: Callable[[str], bool] | None = None
) -> Findings:
    """The same of jars that are open."""
    refusals, warnings = list(found.refusals), list(found.warnings)
    if main_class and not refusals:
        path = ClassPath(found.jars, java, flink_classes)
        refusals, noticed = _main_class(path, main_class, found.jars[0].name)
        warnings += noticed
    warnings += _stale_signatures(found.jars) if not refusals else []
    return Findings(tuple(refusals), tuple(warnings))


def _main_class(path: ClassPath, main_class: str, entrypoint: str) -> tuple[list[Fault], list[JobWarning]]:
    main = main_class.replace(".", "/")
    if "/" in main_class or (path.find(main) is None and not path.is_flinks(main)):
        return [_unknown(path, main_class, entrypoint)], []
    if path.is_flinks(main):
        return [Fault.at(FIELD, FaultCode.MAIN_CLASS_NOT_YOURS, main_class=main_class)], []
    loaded, refusals = load_way(path, main)
    refusals = refusals or list(main_faults(loaded, main))
    return refusals, list(_absent(path, main_class, [read for read in loaded.values() if read]))


def _unknown(path: ClassPath, main_class: str, entrypoint: str) -> Fault:
    near = _nearest(path.jars, main_class)
    if near is None:
        return Fault.at(FIELD, FaultCode.MAIN_CLASS_UNKNOWN, main_class=main_class, entrypoint=entrypoint)
    code = FaultCode.MAIN_CLASS_MISNAMED
    return Fault.at(FIELD, code, main_class=main_class, entrypoint=entrypoint, near=near)


def _nearest(jars: Sequence[UserJar], main_class: str) -> str | None:
    """A class that the caller may have meant: written in another way, else of the same last name."""
    wanted = _plain(main_class)
    last = wanted.rpartition(".")[2]
    of_last_name = None
    for jar in jars:
        for entry in jar.archive.entries:
            if is_class(entry.name):
                plain = _plain(name_of(entry.name))
                if plain == wanted:
                    return name_of(entry.name)
                if of_last_name is None and plain.rpartition(".")[2] == last:
                    of_last_name = name_of(entry.name)
    return of_last_name


def _plain(class_name: str) -> str:
    """Without what people confuse: case, nesting, slashes, the ending of the file."""
    return class_name.removesuffix(".class").replace("/", ".").replace("$", ".").lower()


def _absent(path: ClassPath, main_class: str, way: Sequence[ClassFile]) -> Iterator[JobWarning]:
    """What these classes name and nobody has: they fail when they come to it."""
    named = sorted({name for read in way for name in read.refers_to})
    if newer := [name for name in named if name.startswith(_FLINK_2) and path.find(name) is None]:
        yield JobWarning.at(FIELD, WarningCode.FLINK_2_USED, main_class=main_class, class_name=name_of(newer[0]))
    # Without Flink's own there is no doubt about the user's; of other classes, such as optional ones, there is.
    absent = [name for name in named if name not in newer and name.startswith(_FLINK) and path.is_absent(name)]
    if absent:
        code, first = WarningCode.CLASS_ABSENT, name_of(absent[0])
        yield JobWarning.at(FIELD, code, main_class=main_class, class_name=first, classes=len(absent))


def _stale_signatures(jars: Sequence[UserJar]) -> Iterator[JobWarning]:
    for jar in jars:
        if jar.stale_signature:
            code = WarningCode.SIGNATURE_STALE
            yield JobWarning.at(jar.field, code, package=jar.name, entry=jar.stale_signature)
