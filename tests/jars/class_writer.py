"""Writes small class files without a compiler: a name, its parents, and methods that throw to show they were reached."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

REACHED = "the marker was reached"
PUBLIC, PRIVATE, PROTECTED, STATIC, SUPER, INTERFACE, ABSTRACT = 0x1, 0x2, 0x4, 0x8, 0x20, 0x200, 0x400
STRINGS = "([Ljava/lang/String;)V"
OBJECT = "java/lang/Object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One method; its body throws the marker, unless it is abstract."""

    name: str = "main"
    descriptor: str = STRINGS
    flags: int = PUBLIC | STATIC


MAIN = Written()


def _encoded(character: str) -> bytes:
    """Java's modified UTF-8."""
    code = ord(character)
    if code == 0:
        return b"\xc0\x80"
    halves = [code] if code < 0x10000 else [0xD800 + ((code - 0x10000) >> 10), 0xDC00 + (code & 0x3FF)]
    return b"".join(chr(half).encode("utf-8", "surrogatepass") for half in halves)


class _Constants:
    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def _index(self, constant: bytes) -> int:
        return self._known.setdefault(constant, len(self._known) + 1)

    def text(self, text: str) -> int:
        encoded = b"".join(_encoded(character) for character in text)
        return self._index(b"\1" + struct.pack(">H", len(encoded)) + encoded)

    def a_class(self, name: str) -> int:
        return self._index(b"\7" + struct.pack(">H", self.text(name)))

    def string(self, text: str) -> int:
        return self._index(b"\10" + struct.pack(">H", self.text(text)))

    def method(self, owner: str, name: str, descriptor: str) -> int:
        named = self._index(b"\14" + struct.pack(">2H", self.text(name), self.text(descriptor)))
        return self._index(b"\12" + struct.pack(">2H", self.a_class(owner), named))

    def written(self) -> bytes:
        return struct.pack(">H", len(self._known) + 1) + b"".join(self._known)


def a_class(
    name: str,
    *methods: Written,
    parent: str = OBJECT,
    interfaces: Sequence[str] = (),
    flags: int = PUBLIC | SUPER,
    inner_flags: int | None = None,
    refers_to: Sequence[str] = (),
    java: int = 11,
    minor: int = 0,
) -> bytes:
    """The class file of a class named as in Java, with dots."""
    pool = _Constants()
    path = name.replace(".", "/")
    this, above = pool.a_class(path), pool.a_class(parent.replace(".", "/"))
    faces = [pool.a_class(face.replace(".", "/")) for face in interfaces]
    for other in refers_to:
        pool.a_class(other.replace(".", "/"))
    body = struct.pack(">3H", flags, this, above) + struct.pack(f">{len(faces) + 1}H", len(faces), *faces)
    body += struct.pack(">2H", 0, len(methods)) + b"".join(_method(pool, method) for method in methods)
    if inner_flags is None:
        body += struct.pack(">H", 0)
    else:
        inner = struct.pack(">5H", 1, this, 0, pool.text(path.rpartition("$")[2]), inner_flags)
        body += struct.pack(">2HL", 1, pool.text("InnerClasses"), len(inner)) + inner
    return b"\xca\xfe\xba\xbe" + struct.pack(">2H", minor, java + 44) + pool.written() + body


def an_interface(name: str, *methods: Written, **others: object) -> bytes:
    return a_class(name, *methods, flags=PUBLIC | INTERFACE | ABSTRACT, **others)  # type: ignore[arg-type]  # as given


def _method(pool: _Constants, method: Written) -> bytes:
    head = struct.pack(">3H", method.flags, pool.text(method.name), pool.text(method.descriptor))
    if method.flags & ABSTRACT:
        return head + struct.pack(">H", 0)
    error = "java/lang/IllegalStateException"
    throws = pool.method(error, "<init>", "(Ljava/lang/String;)V")
    # new, dup, ldc_w, invokespecial, athrow
    body = struct.pack(">BHBBHBHB", 0xBB, pool.a_class(error), 0x59, 0x13, pool.string(REACHED), 0xB7, throws, 0xBF)
    code = struct.pack(">2HL", 3, 2, len(body)) + body + struct.pack(">2H", 0, 0)
    return head + struct.pack(">H", 1) + struct.pack(">HL", pool.text("Code"), len(code)) + code
