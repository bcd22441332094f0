"""Reads what a class file says of itself: version, flags, names, methods, and the classes it refers to (JVMS 4.1).

Only what decides whether a class can be loaded and holds a `main` is read; bytecode is stepped over. Every length is
checked against the bytes that are there, so a file of some size costs that much work at most.
"""

import struct
from dataclasses import dataclass

from penstock.domain.errors import PenstockError

PUBLIC = 0x0001
STATIC = 0x0008
INTERFACE = 0x0200

# What a class file of Java N is marked with, less N.
_MAJOR_OF_JAVA = 44
_OLDEST_MAJOR = 45
# Since Java 12 the minor version is 0, or this one for preview features (JVMS 4.1).
_FIRST_STRICT_MAJOR = 56
_PREVIEW = 0xFFFF

_MAGIC = b"\xca\xfe\xba\xbe"
_UTF8, _CLASS = 1, 7
_TWO_SLOTS = frozenset({5, 6})
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


class NotAClass(PenstockError):
    """Java cannot read this as a class file."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a class was compiled for."""

    major: int
    minor: int

    @property
    def java(self) -> int:
        return self.major - _MAJOR_OF_JAVA

    @property
    def is_preview(self) -> bool:
        return self.major >= _FIRST_STRICT_MAJOR and self.minor == _PREVIEW

    @property
    def is_known(self) -> bool:
        """Whether there is, or will be, a Java that loads it."""
        return self.major >= _OLDEST_MAJOR and (self.major < _FIRST_STRICT_MAJOR or self.minor in (0, _PREVIEW))


@dataclass(frozen=True, slots=True)
class Method:
    """One method as it is declared."""

    name: str
    descriptor: str
    flags: int

    @property
    def is_public(self) -> bool:
        return bool(self.flags & PUBLIC)

    @property
    def is_static(self) -> bool:
        return bool(self.flags & STATIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFile:
    """One class; names are as in the file, with slashes. `modifiers` are what reflection says, `flags` what is obeyed."""

    version: Version
    name: str
    super_name: str | None
    interfaces: tuple[str, ...]
    flags: int
    modifiers: int
    methods: tuple[Method, ...]
    refers_to: frozenset[str]

    @property
    def is_interface(self) -> bool:
        return bool(self.flags & INTERFACE)


def version_of(head: bytes) -> Version:
    """From the first eight bytes of a class file."""
    if len(head) < 8 or not head.startswith(_MAGIC):
        raise NotAClass("it does not begin as class files do")
    minor, major = struct.unpack_from(">2H", head, 4)
    return Version(major, minor)


def read_class(data: bytes) -> ClassFile:
    """The class in these bytes, which must be all of it and nothing else."""
    version = version_of(data)
    reader = _Reader(data, 8)
    pool = _Pool(reader)
    flags, this, parent = reader.u2(), reader.u2(), reader.u2()
    name = pool.class_name(this)
    interfaces = tuple(pool.class_name(reader.u2()) for _ in range(reader.u2()))
    _members(reader, pool)
    methods = _members(reader, pool)
    modifiers = flags
    for attribute, content in _attributes(reader, pool):
        if attribute == "InnerClasses":
            modifiers = _own_flags(content, pool, name, flags)
    if not reader.at_end:
        raise NotAClass("there are bytes after its end")
    return ClassFile(
        version=version,
        name=name,
        super_name=pool.class_name(parent) if parent else None,
        interfaces=interfaces,
        flags=flags,
        modifiers=modifiers,
        methods=methods,
        refers_to=pool.class_names(),
    )


class _Reader:
    """Takes numbers and bytes from the front."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self._data = data
        self._position = position

    @property
    def at_end(self) -> bool:
        return self._position == len(self._data)

    def take(self, length: int) -> bytes:
        end = self._position + length
        if end > len(self._data):
            raise NotAClass("it ends too early")
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def u1(self) -> int:
        return self.take(1)[0]

    def u2(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u4(self) -> int:
        return int.from_bytes(self.take(4), "big")


class _Pool:
    """The texts and class names of the constant pool."""

    def __init__(self, reader: _Reader) -> None:
        self._texts: dict[int, bytes] = {}
        self._classes: dict[int, int] = {}
        index, count = 1, reader.u2()
        while index < count:
            tag = reader.u1()
            if tag == _UTF8:
                self._texts[index] = reader.take(reader.u2())
            elif tag == _CLASS:
                self._classes[index] = reader.u2()
            elif tag in _SIZES:
                reader.take(_SIZES[tag])
            else:
                raise NotAClass(f"its constant {index} is of the unknown kind {tag}")
            index += 2 if tag in _TWO_SLOTS else 1

    def text(self, index: int) -> str:
        if index not in self._texts:
            raise NotAClass(f"its constant {index} is not a text")
        return _decoded(self._texts[index])

    def class_name(self, index: int) -> str:
        if index not in self._classes:
            raise NotAClass(f"its constant {index} is not a class")
        return self.text(self._classes[index])

    def class_names(self) -> frozenset[str]:
        """Those of the classes themselves, not of arrays of them."""
        return frozenset(name for index in self._classes if not (name := self.class_name(index)).startswith("["))


def _decoded(text: bytes) -> str:
    """Java's modified UTF-8: NUL in two bytes, and characters beyond the first plane as two surrogates (JVMS 4.4.7)."""
    try:
        halves = text.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
        return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except UnicodeDecodeError as error:
        raise NotAClass("one of its texts is not UTF-8") from error


def _members(reader: _Reader, pool: _Pool) -> tuple[Method, ...]:
    """Fields and methods have one shape."""
    found = []
    for _ in range(reader.u2()):
        flags, name, descriptor = reader.u2(), pool.text(reader.u2()), pool.text(reader.u2())
        _attributes(reader, pool)
        found.append(Method(name, descriptor, flags))
    return tuple(found)


def _attributes(reader: _Reader, pool: _Pool) -> list[tuple[str, bytes]]:
    return [(pool.text(reader.u2()), reader.take(reader.u4())) for _ in range(reader.u2())]


def _own_flags(inner_classes: bytes, pool: _Pool, name: str, flags: int) -> int:
    """A nested class is as public as its entry here says, whatever its own flags are."""
    reader = _Reader(inner_classes)
    for _ in range(reader.u2()):
        inner, _outer, _simple, own = (reader.u2() for _ in range(4))
        if pool.class_name(inner) == name:
            return own
    return flags
