"""Loads classes as Flink's user class loader would, without running them: which jar is asked, and what Java demands."""

from collections.abc import Callable, Sequence

from penstock.domain.errors import PenstockError
from penstock.domain.faults import Fault, FaultCode, Param
from penstock.jars.archive import Entry, NotAnArchive
from penstock.jars.class_file import ClassFile, NotAClass, Version, read_class, version_of
from penstock.jars.classes import name_of
from penstock.jars.manifest import main_attributes
from penstock.jars.user_jars import UserJar

# A class file has at most 65,535 constants and methods; generated ones reach some megabytes.
_LARGEST_CLASS = 64 * 1024 * 1024

# `classloader.parent-first-patterns.default` of Flink 1.20: for these Flink's own class stands before the user's.
_PARENT_FIRST = (
    *("java/", "scala/", "org/apache/flink/", "com/esotericsoftware/kryo", "org/apache/hadoop/", "javax/annotation/"),
    *("org/xml", "javax/xml", "org/apache/xerces", "org/w3c", "org/rocksdb/", "org/slf4j", "org/apache/log4j"),
    *("org/apache/logging", "org/apache/commons/logging", "ch/qos/logback"),
)
# Packages of the Java runtime, whose classes cannot be listed without running it.
_JAVAS = (
    *("java/", "javax/", "jdk/", "sun/", "com/sun/", "netscape/javascript/"),
    *("org/ietf/jgss/", "org/jcp/", "org/w3c/dom/", "org/xml/sax/"),
)


class NotLoadable(PenstockError):
    """Java would refuse to load a class; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code, **fault.params)
        self.fault = fault


class ClassPath:
    """The user's jars in front of Flink's. Names of classes have slashes, as in class files."""

    def __init__(self, jars: Sequence[UserJar], java: int, flink_classes: Callable[[str], bool] | None) -> None:
        self.jars = jars
        self._java = java
        self._flink_classes = flink_classes

    def find(self, name: str) -> tuple[UserJar, Entry] | None:
        """The first of the user's jars that holds the class."""
        for jar in self.jars:
            if entry := jar.find(name, self._java):
                return jar, entry
        return None

    def is_flinks(self, name: str) -> bool:
        """Whether the class that Flink's user class loader gives for this name is surely not the user's."""
        if name.startswith("java/"):
            return True
        is_in_flink = self._flink_classes is not None and self._flink_classes(name_of(name))
        return is_in_flink and (name.startswith(_PARENT_FIRST) or self.find(name) is None)

    def is_absent(self, name: str) -> bool:
        """Whether nobody has the class, as far as that can be known."""
        if self._flink_classes is None or name.startswith(_JAVAS):
            return False
        return not self._flink_classes(name_of(name)) and self.find(name) is None

    def load(self, name: str, needed_by: str = "") -> ClassFile | None:
        """The user's class of this name, or None where it is Flink's or Java's. Raises NotLoadable."""
        found = None if self.is_flinks(name) else self.find(name)
        if found:
            return self._loaded(name, *found)
        if self.is_absent(name):
            code, field = FaultCode.CLASS_MISSING, "main_class"
            raise NotLoadable(Fault.at(field, code, class_name=name_of(name), needed_by=name_of(needed_by)))
        return None

    def _loaded(self, name: str, jar: UserJar, entry: Entry) -> ClassFile:
        _demand_sound(jar)
        try:
            data = jar.archive.read(entry, _LARGEST_CLASS)
            self._demand_version(name, jar, version_of(data[:8]))
            read = read_class(data)
        except (NotAClass, NotAnArchive) as error:
            raise _damaged(name, jar, str(error)) from error
        if read.name != name:
            raise _damaged(name, jar, f"it is the class {name_of(read.name)}")
        return read

    def _demand_version(self, name: str, jar: UserJar, version: Version) -> None:
        params: dict[str, Param] = {"class_name": name_of(name), "package": jar.name, "compiled": version.java}
        if version.java > self._java:
            code = FaultCode.CLASS_TOO_NEW
            raise NotLoadable(Fault.at(jar.field, code, **params, java=self._java))
        if version.is_preview:
            raise NotLoadable(Fault.at(jar.field, FaultCode.CLASS_OF_A_PREVIEW, **params))
        if not version.is_known:
            raise _damaged(name, jar, f"its version {version.major}.{version.minor} is unknown")


def _demand_sound(jar: UserJar) -> None:
    """Java takes no class from a jar whose manifest it cannot read, or whose signature does not fit it."""
    try:
        main_attributes(jar.archive)
    except NotAnArchive as error:
        raise NotLoadable(Fault.at(jar.field, FaultCode.NOT_A_JAR, package=jar.name, why=str(error))) from error
    if jar.stale_signature:
        code = FaultCode.SIGNATURE_STALE
        raise NotLoadable(Fault.at(jar.field, code, package=jar.name, entry=jar.stale_signature))


def _damaged(name: str, jar: UserJar, why: str) -> NotLoadable:
    code = FaultCode.CLASS_DAMAGED
    return NotLoadable(Fault.at(jar.field, code, class_name=name_of(name), package=jar.name, why=why))
