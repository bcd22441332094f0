"""Small jars, good and bad, made byte by byte so that each has exactly one oddity."""

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MANIFEST = b"Manifest-Version: 1.0\r\nMain-Class: a.Main\r\n\r\n"
CLASS = b"\xca\xfe\xba\xbe\0\0\0\x37 not a whole class, but enough to be copied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One entry, and what is odd about it."""

    name: bytes
    data: bytes = b""
    deflate: bool = True
    flags: int = 0
    method: int | None = None
    crc: int | None = None
    extra: bytes = b""
    descriptor: bool = False
    zip64: bool = False
    claimed_size: int | None = None


MANIFEST_PART = Part(name=b"META-INF/MANIFEST.MF", data=MANIFEST)
MAIN_PART = Part(name=b"a/Main.class", data=CLASS)
PLAIN = (MANIFEST_PART, MAIN_PART)


def a_jar(
    parts: Sequence[Part] = PLAIN,
    *,
    comment: bytes = b"",
    zip64: bool = False,
    count: int | None = None,
    shift: int = 0,
) -> bytes:
    """A zip of these parts; with `shift`, its offsets count from that many bytes before it."""
    body = bytearray()
    directory = bytearray()
    for part in parts:
        directory += _central(part, len(body) + shift)
        body += _local(part)
    offset, size = len(body) + shift, len(directory)
    number = len(parts) if count is None else count
    end = b""
    if zip64:
        end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, number, number, size, offset)
        end += struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
        number, size, offset = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, size, offset, len(comment)) + comment
    return bytes(body + directory) + end


def _packed(part: Part) -> bytes:
    if not part.deflate:
        return part.data
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(part.data) + packer.flush()


def _fields(part: Part) -> tuple[int, int, int, int]:
    method = part.method if part.method is not None else 8 if part.deflate else 0
    flags = part.flags | (8 if part.descriptor else 0)
    return flags, method, 0x5A210000, zlib.crc32(part.data) if part.crc is None else part.crc


def _local(part: Part) -> bytes:
    flags, method, modified, crc = _fields(part)
    data = _packed(part)
    numbers = (0, 0, 0) if part.descriptor else (crc, len(data), len(part.data))
    head = struct.pack("<4s3H4L2H", b"PK\3\4", 20, flags, method, modified, *numbers, len(part.name), len(part.extra))
    tail = struct.pack("<4s3L", b"PK\7\x08", crc, len(data), len(part.data)) if part.descriptor else b""
    return head + part.name + part.extra + data + tail


def _central(part: Part, offset: int) -> bytes:
    flags, method, modified, crc = _fields(part)
    size = len(part.data) if part.claimed_size is None else part.claimed_size
    numbers = [len(_packed(part)), size, offset]
    extra = part.extra
    if part.zip64:
        extra += struct.pack("<2H3Q", 1, 24, numbers[1], numbers[0], numbers[2])
        numbers = [0xFFFFFFFF] * 3
    head = struct.pack("<4s4H4L", b"PK\1\2", 20, 20, flags, method, modified, crc, *numbers[:2])
    return head + struct.pack("<5H2L", len(part.name), len(extra), 0, 0, 0, 0, numbers[2]) + part.name + extra


def _with_manifest(manifest: bytes) -> bytes:
    return a_jar([Part(name=b"META-INF/MANIFEST.MF", data=manifest), MAIN_PART])


def _prepended_zip64() -> bytes:
    return b"#!/bin/sh\n" + a_jar(zip64=True, shift=10)


# Each is judged by Java itself in test_java_agrees.py.
CORPUS: dict[str, Callable[[], bytes]] = {
    "plain": a_jar,
    "stored": lambda: a_jar([Part(name=b"a/Main.class", data=CLASS, deflate=False)]),
    "with descriptors": lambda: a_jar([Part(name=b"a/Main.class", data=CLASS, descriptor=True)]),
    "bytes before": lambda: b"#!/bin/sh\n" + a_jar(),
    "bytes before, counted in the offsets": lambda: b"#!/bin/sh\n" + a_jar(shift=10),
    "bytes after": lambda: a_jar() + b"\0" * 1000,
    "too many bytes after": lambda: a_jar() + b"\0" * 70_000,
    "bytes before and after": lambda: b"x" * 300 + a_jar() + b"y" * 300,
    "zip64 end record": lambda: a_jar(zip64=True),
    "zip64 end record, bytes before": _prepended_zip64,
    "zip64 end record, bytes before not counted": lambda: b"#!/bin/sh\n" + a_jar(zip64=True),
    "zip64 sizes in an entry": lambda: a_jar([Part(name=b"a/Main.class", data=CLASS, zip64=True)]),
    "utf-8 name without the flag": lambda: a_jar([Part(name="数据/é.csv".encode(), data=b"1")]),
    "utf-8 name with the flag": lambda: a_jar([Part(name="数据/é.csv".encode(), data=b"1", flags=0x800)]),
    "name that is not utf-8": lambda: a_jar([Part(name=b"caf\xe9.txt", data=b"1")]),
    "name with NUL": lambda: a_jar([Part(name=b"a\0b", data=b"1")]),
    "duplicate names": lambda: a_jar([Part(name=b"x", data=b"first"), MAIN_PART, Part(name=b"x", data=b"last")]),
    "comment": lambda: a_jar(comment=b"made on a Tuesday"),
    "comment with an end signature": lambda: a_jar(comment=b"see PK\5\6 and thirty more bytes of comment"),
    "comment that is an empty zip": lambda: a_jar(comment=a_jar([])),
    "longest comment": lambda: a_jar(comment=b"c" * 0xFFFF),
    "no entries": lambda: a_jar([]),
    "wrong CRC": lambda: a_jar([Part(name=b"a/Main.class", data=CLASS, crc=1)]),
    "no manifest": lambda: a_jar([MAIN_PART]),
    "empty file": lambda: b"",
    "text file": lambda: b"this is not a jar at all, however long it may be made\n" * 5,
    "cut in the middle": lambda: a_jar()[:80],
    "cut in the end record": lambda: a_jar()[:-5],
    "first bytes lost": lambda: a_jar()[10:],
    "bzip2 entry": lambda: a_jar([MAIN_PART, Part(name=b"b", data=b"BZh9", deflate=False, method=12)]),
    "encrypted entry": lambda: a_jar([MAIN_PART, Part(name=b"b", data=b"x" * 20, flags=1)]),
    "too few entries claimed": lambda: a_jar(count=1),
    "too many entries claimed": lambda: a_jar(count=60_000),
    "far too many entries claimed": lambda: a_jar(zip64=True, count=2**40),
    "extra field that overflows": lambda: a_jar([Part(name=b"b", data=b"1", extra=b"\x55\x54\xff\0abc")]),
    "extra field of odd rest": lambda: a_jar([Part(name=b"b", data=b"1", extra=b"\xfe\xca\0\0a")]),
    "empty zip64 field": lambda: a_jar([Part(name=b"b", data=b"1", extra=b"\1\0\0\0")]),
    "zip64 field that nobody asked for": lambda: a_jar([Part(name=b"b", data=b"1", extra=b"\1\0\x08\0" + b"\0" * 8)]),
    "zip64 field of odd size": lambda: a_jar([Part(name=b"b", data=b"1", extra=b"\1\0\x05\0" + b"\0" * 5)]),
    "size unknown": lambda: a_jar([Part(name=b"b", data=b"1", claimed_size=0xFFFFFFFF)]),
    "longest name": lambda: a_jar([Part(name=b"n" * 0xFFFF, data=b"1")]),
    "long name that fits": lambda: a_jar([Part(name=b"n" * (0xFFFF - 46), data=b"1")]),
    "wrong size": lambda: a_jar([Part(name=b"b", data=b"1234", claimed_size=2)]),
    "stored with wrong size": lambda: a_jar([Part(name=b"b", data=b"1234", deflate=False, claimed_size=2)]),
    "folder entry": lambda: a_jar([Part(name=b"a/", deflate=False), MAIN_PART]),
    "entry that points out": lambda: a_jar([Part(name=b"../../x", data=b"1"), MAIN_PART]),
    "packed data cut off": lambda: a_jar(
        [Part(name=b"b", data=zlib.compress(b"x" * 99)[2:-8], deflate=False, method=8)]
    ),
    "packed data damaged": lambda: a_jar([Part(name=b"b", data=b"\xff" * 50, deflate=False, method=8)]),
    "manifest in lower case": lambda: a_jar([Part(name=b"meta-inf/manifest.mf", data=MANIFEST), MAIN_PART]),
    "two manifests, odd case last": lambda: a_jar(
        [MANIFEST_PART, Part(name=b"META-INF/Manifest.mf", data=b"Main-Class: b.Other\n\n")]
    ),
    "two manifests, odd case first": lambda: a_jar(
        [Part(name=b"META-INF/Manifest.mf", data=b"Main-Class: b.Other\n\n"), MANIFEST_PART]
    ),
    "two manifests of odd case": lambda: a_jar(
        [
            Part(name=b"META-INF/Manifest.mf", data=b"Main-Class: a.First\n\n"),
            Part(name=b"meta-inf/manifest.mf", data=b"Main-Class: a.Last\n\n"),
        ]
    ),
    "manifest with LF": lambda: _with_manifest(b"Manifest-Version: 1.0\nMain-Class: a.Main\n\n"),
    "manifest with CR": lambda: _with_manifest(b"Manifest-Version: 1.0\rMain-Class: a.Main\r\r"),
    "manifest name of odd case": lambda: _with_manifest(b"manifest-version: 1.0\nMAIN-class: a.Main\n\n"),
    "manifest without last line end": lambda: _with_manifest(b"Manifest-Version: 1.0\nMain-Class: a.Main"),
    "manifest continued without last line end": lambda: _with_manifest(b"Main-Class: a.M\n ain"),
    "manifest with continuation": lambda: _with_manifest(b"Main-Class: a.\r\n Ma\r\n in\r\nX: y\r\n\r\n"),
    "manifest with spaces": lambda: _with_manifest(b"Main-Class:  a.Main \n\n"),
    "manifest with attribute twice": lambda: _with_manifest(b"Main-Class: a.First\nMain-Class: a.Main\n\n"),
    "manifest with later section": lambda: _with_manifest(b"X: 1\n\nName: a/\nMain-Class: a.Section\n\n"),
    "manifest with an empty first line": lambda: _with_manifest(b"\nMain-Class: a.Main\n\n"),
    "manifest that begins continued": lambda: _with_manifest(b" Main-Class: a.Main\n\n"),
    "manifest without colon": lambda: _with_manifest(b"Main-Class a.Main\n\n"),
    "manifest without space": lambda: _with_manifest(b"Main-Class:a.Main\n\n"),
    "manifest with a bad name": lambda: _with_manifest(b"Main Class: a.Main\n\n"),
    "manifest with a long line": lambda: _with_manifest(b"X: " + b"y" * 600 + b"\n\n"),
    "manifest with the longest line": lambda: _with_manifest(b"X: " + b"y" * 508 + b"\n\n"),
    "manifest with the longest line and CRLF": lambda: _with_manifest(b"X: " + b"y" * 508 + b"\r\n\r\n"),
    "manifest in another character set": lambda: _with_manifest(b"X: caf\xe9 ok\n\n"),
    "manifest with a continued empty line": lambda: _with_manifest(b"X: a\n \nMain-Class: a.Main\n\n"),
    "manifest with a section without name": lambda: _with_manifest(b"X: 1\n\nNam: a/\nY: 2\n\n"),
    "manifest with a bad later section": lambda: _with_manifest(b"X: 1\n\nName: a/\nno colon\n\n"),
    "manifest with an unfinished later section": lambda: _with_manifest(b"X: 1\n\n\n\nNAME: a/\nno colon"),
    "manifest with continued section name": lambda: _with_manifest(b"X: 1\n\nName: a/b\n /c\nY: 2\n\n"),
    "manifest with a section that begins continued": lambda: _with_manifest(b"X: 1\n\n Name: a/\n\n"),
    "manifest empty": lambda: _with_manifest(b""),
}
