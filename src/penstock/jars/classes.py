"""Where in a jar a class lies, how it is named, and which jars in a jar Flink puts on the class path."""

from penstock.jars.archive import Archive, Entry

_FIRST_VERSION = 8  # by the specification 9, but Java 17 and 21 take this one too


def find_class(archive: Archive, name: str, versions_up_to: int = 0) -> Entry | None:
    """The entry of a class named with slashes; in a Multi-Release jar the one for this Java or the next older one."""
    path = f"{name}.class"
    if not path.startswith("META-INF/"):
        for version in range(versions_up_to, _FIRST_VERSION - 1, -1):
            if entry := archive.find(f"META-INF/versions/{version}/{path}"):
                return entry
    return archive.find(path)


def is_class(name: str) -> bool:
    """Whether an entry of this name holds a class (or what Java takes for one)."""
    return name.endswith(".class") and not name.startswith("META-INF/")


def name_of(path: str) -> str:
    """As people write it: `a.b.Main` for `a/b/Main.class`."""
    return path.removesuffix(".class").replace("/", ".")


def inner_jars(archive: Archive) -> list[Entry]:
    """The entries that Flink unpacks and puts on the user class path; those of one name count once."""
    entries = {entry.name: entry for entry in archive.entries if is_inner_jar(entry.name)}
    return list(entries.values())


def is_inner_jar(name: str) -> bool:
    """As in PackagedProgram.extractContainedLibraries of Flink 1.20."""
    return name.startswith("lib/") and name.endswith(".jar") and len(name) > len("lib/.jar")
