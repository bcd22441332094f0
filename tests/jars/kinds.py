"""Kinds of jobs' jars, good and bad, each with what Flink does with it and what we say of it.

`runs` is what real Flink is asked in test_flink_agrees.py: it calls the `main`, or it does not. The main class is
`a.Main` unless a kind says otherwise; every `main` throws the marker.
"""

import base64
import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

from jars.class_writer import (
    ABSTRACT,
    INTERFACE,
    MAIN,
    PRIVATE,
    PROTECTED,
    PUBLIC,
    STATIC,
    SUPER,
    Written,
    a_class,
    an_interface,
)
from jars.corpus import Part, a_jar
from penstock.domain.faults import FaultCode
from penstock.domain.warning import WarningCode

F = FaultCode
W = WarningCode
JAVA = 21
FLINK_MAIN = "org.apache.flink.client.cli.CliFrontend"
VERSIONED = b"Manifest-Version: 1.0\nMulti-Release: true\n\n"
NOT_PUBLIC = SUPER


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`refused` is our code; `kept_out` says that we refuse for safety what Flink would run."""

    entrypoint: bytes
    dependencies: Sequence[bytes] = ()
    main_class: str = "a.Main"
    runs: bool = True
    refused: FaultCode | None = None
    kept_out: bool = False
    warned: tuple[WarningCode, ...] = ()


def job(*classes: bytes, more: Sequence[Part] = (), manifest: bytes | None = None) -> bytes:
    parts = [Part(name=b"META-INF/MANIFEST.MF", data=manifest)] if manifest is not None else []
    return a_jar([*parts, *(at(one) for one in classes), *more])


def at(data: bytes, folder: str = "") -> Part:
    """The class at the place of its name, which stands in its first text."""
    name = read_name(data)
    return Part(name=f"{folder}{name}.class".encode(), data=data)


def read_name(data: bytes) -> str:
    (length,) = struct.unpack_from(">H", data, 11)
    return data[13 : 13 + length].decode()


def version(number: int, data: bytes) -> Part:
    return at(data, f"META-INF/versions/{number}/")


def inner(name: str, jar: bytes, **oddities: object) -> Part:
    return Part(name=name.encode(), data=jar, **oddities)  # type: ignore[arg-type]  # whatever a Part has


MAIN_CLASS = a_class("a.Main", MAIN)
EMPTY = a_class("a.Main")
PLAIN = job(MAIN_CLASS)


def flags(number: int) -> Written:
    return replace(MAIN, flags=number)


def good(
    entrypoint: bytes, *dependencies: bytes, main_class: str = "a.Main", warned: Sequence[WarningCode] = ()
) -> Kind:
    return Kind(entrypoint=entrypoint, dependencies=dependencies, main_class=main_class, warned=tuple(warned))


def bad(code: FaultCode, entrypoint: bytes, *dependencies: bytes, main_class: str = "a.Main") -> Kind:
    return Kind(entrypoint=entrypoint, dependencies=dependencies, main_class=main_class, runs=False, refused=code)


def unsafe(code: FaultCode, entrypoint: bytes) -> Kind:
    return Kind(entrypoint=entrypoint, refused=code, kept_out=True)


def under(parent: str, **others: object) -> bytes:
    """A main class without a main of its own."""
    return a_class("a.Main", parent=parent, **others)  # type: ignore[arg-type]  # whatever a_class takes


def spoilt(jar: bytes) -> bytes:
    """With an entry that is not where the directory says."""
    last = jar.rindex(b"PK\3\4")
    return jar[:last] + b"PK\3\5" + jar[last + 4 :]


def overlapping() -> bytes:
    """Two entries that share their bytes."""
    one = a_jar([at(MAIN_CLASS), Part(name=b"kernel", data=b"x" * 1000, deflate=False)])
    end = one.rindex(b"PK\5\6")
    directory_at = struct.unpack_from("<L", one, end + 16)[0]
    directory = one[directory_at:end]
    last = directory[directory.rindex(b"PK\1\2") :]
    more = directory + last.replace(b"kernel", b"second")
    closing = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, len(more), directory_at, 0)
    return one[:directory_at] + more + closing


def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(size // 2**20)), packer.flush()])


@cache
def bomb() -> bytes:
    packed = zeros(600 * 2**20)
    large = Part(name=b"zeros", data=packed, deflate=False, method=8, claimed_size=600 * 2**20)
    return a_jar([at(MAIN_CLASS), large])


def signed(manifest: bytes, signed_manifest: bytes, digest: str = "SHA-256") -> Sequence[Part]:
    """A signature by jarsigner's rules, with a real block."""
    function = digest.replace("-", "").lower()

    def hashed(content: bytes) -> str:
        return base64.b64encode(hashlib.new(function, content).digest()).decode()

    lines = [
        "Signature-Version: 1.0",
        f"{digest}-Digest-Manifest-Main-Attributes: {hashed(signed_manifest)}",
        f"{digest}-Digest-Manifest: {hashed(signed_manifest)}",
    ]
    signature = "\r\n".join([*lines, "", ""]).encode()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a library")])
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    certificate = builder.not_valid_after(datetime(2099, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes]
    block = pkcs7.PKCS7SignatureBuilder().set_data(signature).add_signer(certificate, key, hashes.SHA256())
    return [
        Part(name=b"META-INF/MANIFEST.MF", data=manifest),
        Part(name=b"META-INF/LIB.SF", data=signature),
        Part(name=b"META-INF/LIB.EC", data=block.sign(serialization.Encoding.DER, options)),
    ]


SIGNED = b"Manifest-Version: 1.0\r\nCreated-By: a library\r\n\r\n"
MERGED = b"Manifest-Version: 1.0\r\nMain-Class: a.Main\r\n\r\n"

PUBLIC_BASE = a_class("b.Base", MAIN)
HIDDEN_BASE = a_class("a.Base", MAIN, flags=NOT_PUBLIC)
FACE = an_interface("b.Face", MAIN)
DEFAULT_FACE = an_interface("b.Face", replace(MAIN, flags=PUBLIC))
ENV = a_class("org.apache.flink.streaming.api.environment.StreamExecutionEnvironment")
TOO_NEW = a_class("a.Main", MAIN, java=JAVA + 1)
OLD_SINK = "org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction"

# What Flink runs.
GOOD: Mapping[str, Kind] = {
    "plain": good(PLAIN),
    "class of the default package": good(job(a_class("Main", MAIN)), main_class="Main"),
    "class of a Chinese name": good(job(a_class("数.作业", MAIN)), main_class="数.作业"),
    "class of the newest Java": good(job(a_class("a.Main", MAIN, java=JAVA))),
    "class of an old Java": good(job(a_class("a.Main", MAIN, java=5))),
    "class of Java 11 with an odd minor version": good(job(a_class("a.Main", MAIN, java=11, minor=3))),
    "main with a result": good(job(a_class("a.Main", Written(descriptor="([Ljava/lang/String;)I")))),
    "final synchronized main": good(job(a_class("a.Main", flags(PUBLIC | STATIC | 0x10 | 0x20)))),
    "main with varargs": good(job(a_class("a.Main", flags(PUBLIC | STATIC | 0x80)))),
    "main beside another main": good(job(a_class("a.Main", Written(descriptor="()V"), MAIN))),
    "abstract class": good(job(a_class("a.Main", MAIN, flags=PUBLIC | SUPER | ABSTRACT))),
    "nested class": good(job(a_class("a.Job$Main", MAIN, inner_flags=PUBLIC | STATIC)), main_class="a.Job$Main"),
    "interface": good(job(an_interface("a.Main", MAIN))),
    "inherited": good(job(under("b.Base"), PUBLIC_BASE)),
    "inherited from a dependency": good(job(under("b.Base")), job(PUBLIC_BASE)),
    "inherited from a jar in lib": good(job(under("b.Base"), more=[inner("lib/base.jar", job(PUBLIC_BASE))])),
    "inherited from far above": good(job(under("b.Middle"), a_class("b.Middle", parent="b.Base"), PUBLIC_BASE)),
    "inherited from a protected nested class": good(
        job(under("a.Job$Base"), a_class("a.Job$Base", MAIN, inner_flags=PROTECTED | STATIC))
    ),
    "private main over an inherited one": good(
        job(a_class("a.Main", flags(PRIVATE | STATIC), parent="b.Base"), PUBLIC_BASE)
    ),
    "class above that is Flink's": good(
        job(a_class("a.Main", MAIN, parent="org.apache.flink.api.common.functions.AbstractRichFunction"))
    ),
    "class above that is Java's": good(job(a_class("a.Main", MAIN, parent="java.util.ArrayList"))),
    "interface of Java's": good(job(a_class("a.Main", MAIN, interfaces=["java.io.Serializable"]))),
    "main class in a dependency": good(job(a_class("b.Other")), PLAIN),
    "main class in a jar in lib": good(job(a_class("b.Other"), more=[inner("lib/job.jar", PLAIN)])),
    "main class in a stored jar in lib": good(
        job(a_class("b.Other"), more=[inner("lib/deep/x.jar", PLAIN, deflate=False)])
    ),
    "main class twice, the good one first": good(PLAIN, job(EMPTY)),
    "main class twice, a dependency before lib": good(job(more=[inner("lib/x.jar", job(EMPTY))]), PLAIN),
    "two entries of the main class, the last one good": good(a_jar([at(EMPTY), at(MAIN_CLASS)])),
    "only in a version": good(job(manifest=VERSIONED, more=[version(11, MAIN_CLASS)])),
    "only in a version for this very Java": good(job(manifest=VERSIONED, more=[version(JAVA, MAIN_CLASS)])),
    "a version that mends the class": good(job(EMPTY, manifest=VERSIONED, more=[version(17, MAIN_CLASS)])),
    "a version for a later Java": good(job(MAIN_CLASS, manifest=VERSIONED, more=[version(JAVA + 1, TOO_NEW)])),
    "a version that does not count": good(job(MAIN_CLASS, more=[version(11, EMPTY)])),
    "a version of Java 8": good(job(EMPTY, manifest=VERSIONED, more=[version(8, MAIN_CLASS)])),
    "a version of Java 7": good(job(MAIN_CLASS, manifest=VERSIONED, more=[version(7, EMPTY)])),
    "versions in a jar in lib": good(
        job(more=[inner("lib/x.jar", job(manifest=VERSIONED, more=[version(9, MAIN_CLASS)]))])
    ),
    "a class that is too new and not on the way": good(job(MAIN_CLASS, a_class("a.Other", java=JAVA + 1))),
    "a class that is none and not on the way": good(job(MAIN_CLASS, more=[Part(name=b"a/Other.class", data=b"?")])),
    "named like Flink's own": good(job(a_class("org.apache.flink.Main", MAIN)), main_class="org.apache.flink.Main"),
    "bytes before": good(b"#!/bin/sh\n" + PLAIN),
    "a dependency with bytes before": good(PLAIN, b"#!/bin/sh\n" + job(a_class("b.B")), warned=[W.JAR_PASSED_OVER]),
    "an empty dependency": good(PLAIN, a_jar([])),
    "main class in a dependency of a folder": good(
        job(a_class("b.Other")), a_jar([Part(name=b"a/", deflate=False), at(MAIN_CLASS)], zip64=True)
    ),
    "wrong CRC": good(a_jar([Part(name=b"a/Main.class", data=MAIN_CLASS, crc=1)])),
    "no manifest and stored": good(a_jar([Part(name=b"a/Main.class", data=MAIN_CLASS, deflate=False)])),
    "an entry for the folder itself": good(job(MAIN_CLASS, more=[Part(name=b"/", deflate=False)])),
    "dots that stay inside": good(job(MAIN_CLASS, more=[Part(name=b"./a/../b..c/...", data=b"1")])),
    "a backslash that stays inside": good(job(MAIN_CLASS, more=[Part(name=b"a\\b.csv", data=b"1")])),
    "a colon in a name": good(job(MAIN_CLASS, more=[Part(name=b"a:b", data=b"1")])),
    "well packed data": good(job(MAIN_CLASS, more=[Part(name=b"zeros", data=bytes(30 * 2**20))])),
    "a size that nobody knows": good(job(MAIN_CLASS, more=[Part(name=b"b", data=b"1", claimed_size=0xFFFFFFFF)])),
    "signed": good(a_jar([*signed(SIGNED, SIGNED), at(MAIN_CLASS)])),
    "signed by what Java no longer trusts": good(a_jar([*signed(MERGED, SIGNED, "SHA-1"), at(MAIN_CLASS)])),
    "signature without its block": good(a_jar([*signed(MERGED, SIGNED)[:2], at(MAIN_CLASS)])),
    "signature without a manifest": good(a_jar([*signed(MERGED, SIGNED)[1:], at(MAIN_CLASS)])),
    "a jar in lib that is none": good(
        job(MAIN_CLASS, more=[inner("lib/x.jar", b"no jar")]), warned=[W.JAR_PASSED_OVER]
    ),
    "a jar in lib with a broken manifest": good(
        job(MAIN_CLASS, more=[inner("lib/x.jar", job(a_class("b.B"), manifest=b"no colon\n"))])
    ),
    "a dependency with a lib of its own": good(
        PLAIN, job(a_class("b.B"), more=[inner("lib/x.jar", PLAIN)]), warned=[W.INNER_JARS_IGNORED]
    ),
    "a dependency whose signature is stale": good(
        PLAIN, a_jar([*signed(MERGED, SIGNED), at(a_class("b.B"))]), warned=[W.SIGNATURE_STALE]
    ),
    "Flink bundled": good(job(MAIN_CLASS, ENV), warned=[W.FLINK_BUNDLED]),
    "Flink bundled in a jar in lib": good(
        job(MAIN_CLASS, more=[inner("lib/flink.jar", job(ENV))]), warned=[W.FLINK_BUNDLED]
    ),
    "made for Flink 2": good(job(a_class("a.Main", MAIN, refers_to=[OLD_SINK])), warned=[W.FLINK_2_USED]),
    "made for a connector that is missing": good(
        job(a_class("a.Main", MAIN, refers_to=["org.apache.flink.connector.kafka.source.KafkaSource"])),
        warned=[W.CLASS_ABSENT],
    ),
    "made with a connector that is there": good(
        job(a_class("a.Main", MAIN, refers_to=["org.apache.flink.connector.kafka.source.KafkaSource"])),
        job(a_class("org.apache.flink.connector.kafka.source.KafkaSource")),
    ),
}

# What Flink refuses, and so do we.
BAD: Mapping[str, Kind] = {
    "empty file": bad(F.NOT_A_JAR, b""),
    "text file": bad(F.NOT_A_JAR, b"this is not a jar, however long it may be made\n" * 5),
    "cut off": bad(F.NOT_A_JAR, PLAIN[:-30]),
    "encrypted entry": bad(F.NOT_A_JAR, job(MAIN_CLASS, more=[Part(name=b"b", data=b"x" * 20, flags=1)])),
    "bzip2 entry": bad(F.NOT_A_JAR, job(MAIN_CLASS, more=[Part(name=b"b", data=b"BZh9", deflate=False, method=12)])),
    "manifest that nobody can read": bad(F.NOT_A_JAR, job(MAIN_CLASS, manifest=b"no colon\n")),
    "main class lost in the file": bad(F.NOT_A_JAR, spoilt(PLAIN)),
    "a jar in lib that is damaged": bad(
        F.NOT_A_JAR, job(MAIN_CLASS, more=[inner("lib/x.jar", b"\xff" * 50, deflate=False, method=8)])
    ),
    "main class in a jar in lib with a broken manifest": bad(
        F.NOT_A_JAR, job(more=[inner("lib/x.jar", job(MAIN_CLASS, manifest=b"no colon\n"))])
    ),
    "main class in a dependency with bytes before": bad(
        F.MAIN_CLASS_UNKNOWN, job(a_class("b.Other")), b"#!/bin/sh\n" + PLAIN
    ),
    "main class in a jar in lib with bytes before": bad(
        F.MAIN_CLASS_UNKNOWN, job(a_class("b.Other"), more=[inner("lib/x.jar", b"#!/bin/sh\n" + PLAIN)])
    ),
    "no such class": bad(F.MAIN_CLASS_UNKNOWN, job(a_class("b.Other", MAIN))),
    "class of another package": bad(F.MAIN_CLASS_MISNAMED, job(a_class("b.Main", MAIN))),
    "class of another case": bad(F.MAIN_CLASS_MISNAMED, PLAIN, main_class="a.main"),
    "slashes": bad(F.MAIN_CLASS_MISNAMED, PLAIN, main_class="a/Main"),
    "name of a file": bad(F.MAIN_CLASS_MISNAMED, PLAIN, main_class="a.Main.class"),
    "nested class with a dot": bad(
        F.MAIN_CLASS_MISNAMED, job(a_class("a.Job$Main", MAIN, inner_flags=PUBLIC | STATIC)), main_class="a.Job.Main"
    ),
    "array": bad(F.MAIN_CLASS_UNKNOWN, PLAIN, main_class="[La.Main;"),
    "only in a version for a later Java": bad(
        F.MAIN_CLASS_UNKNOWN, job(manifest=VERSIONED, more=[version(JAVA + 1, MAIN_CLASS)])
    ),
    "only in a version that does not count": bad(F.MAIN_CLASS_UNKNOWN, job(more=[version(11, MAIN_CLASS)])),
    "only in BOOT-INF": bad(F.MAIN_CLASS_MISNAMED, a_jar([at(MAIN_CLASS, "BOOT-INF/classes/")])),
    "only in lib of a dependency": bad(
        F.MAIN_CLASS_UNKNOWN, job(a_class("b.B")), job(more=[inner("lib/x.jar", PLAIN)])
    ),
    "class in a package of Java": bad(
        F.MAIN_CLASS_NOT_YOURS, job(a_class("java.a.Main", MAIN)), main_class="java.a.Main"
    ),
    "not public": bad(F.MAIN_CLASS_NOT_PUBLIC, job(a_class("a.Main", MAIN, flags=NOT_PUBLIC))),
    "nested and private": bad(
        F.MAIN_CLASS_NOT_PUBLIC, job(a_class("a.Job$Main", MAIN, inner_flags=PRIVATE | STATIC)), main_class="a.Job$Main"
    ),
    "interface that is not public": bad(
        F.MAIN_CLASS_NOT_PUBLIC, job(a_class("a.Main", MAIN, flags=INTERFACE | ABSTRACT))
    ),
    "nested and public, but not in its own file": bad(
        F.MAIN_METHOD_OUT_OF_REACH,
        job(a_class("a.Job$Main", MAIN, flags=NOT_PUBLIC, inner_flags=PUBLIC | STATIC)),
        main_class="a.Job$Main",
    ),
    "no main": bad(F.MAIN_METHOD_MISSING, job(EMPTY)),
    "main without arguments": bad(F.MAIN_METHOD_WRONG, job(a_class("a.Main", Written(descriptor="()V")))),
    "main of one argument": bad(
        F.MAIN_METHOD_WRONG, job(a_class("a.Main", Written(descriptor="(Ljava/lang/String;)V")))
    ),
    "main of an instance": bad(F.MAIN_METHOD_WRONG, job(a_class("a.Main", flags(PUBLIC)))),
    "main that is private": bad(F.MAIN_METHOD_WRONG, job(a_class("a.Main", flags(PRIVATE | STATIC)))),
    "main that is not public": bad(F.MAIN_METHOD_WRONG, job(a_class("a.Main", flags(STATIC)))),
    "main of a Scala object": bad(F.MAIN_METHOD_WRONG, job(a_class("a.Main$", flags(PUBLIC))), main_class="a.Main$"),
    "main of an instance over one of an instance": bad(
        F.MAIN_METHOD_WRONG, job(a_class("a.Main", flags(PUBLIC), parent="b.Base"), a_class("b.Base", flags(PUBLIC)))
    ),
    "main of an interface is not inherited": bad(
        F.MAIN_METHOD_WRONG, job(under("java.lang.Object", interfaces=["b.Face"]), FACE)
    ),
    "main by default of an interface": bad(
        F.MAIN_METHOD_WRONG, job(under("java.lang.Object", interfaces=["b.Face"]), DEFAULT_FACE)
    ),
    "inherited from a class that is not public": bad(F.MAIN_METHOD_OUT_OF_REACH, job(under("a.Base"), HIDDEN_BASE)),
    "too new": bad(F.CLASS_TOO_NEW, job(TOO_NEW)),
    "too new in a version": bad(F.CLASS_TOO_NEW, job(MAIN_CLASS, manifest=VERSIONED, more=[version(17, TOO_NEW)])),
    "too new in a jar in lib": bad(F.CLASS_TOO_NEW, job(more=[inner("lib/x.jar", job(TOO_NEW))])),
    "too new above": bad(F.CLASS_TOO_NEW, job(under("b.Base"), a_class("b.Base", MAIN, java=JAVA + 1))),
    "too new above, in a dependency": bad(
        F.CLASS_TOO_NEW, job(under("b.Base")), job(a_class("b.Base", MAIN, java=JAVA + 3))
    ),
    "too new interface": bad(
        F.CLASS_TOO_NEW, job(a_class("a.Main", MAIN, interfaces=["b.Face"]), an_interface("b.Face", java=JAVA + 1))
    ),
    "preview of this Java": bad(F.CLASS_OF_A_PREVIEW, job(a_class("a.Main", MAIN, java=JAVA, minor=0xFFFF))),
    "preview of an older Java": bad(F.CLASS_OF_A_PREVIEW, job(a_class("a.Main", MAIN, java=17, minor=0xFFFF))),
    "version that never was": bad(F.CLASS_DAMAGED, job(a_class("a.Main", MAIN, java=17, minor=1))),
    "version before the first": bad(F.CLASS_DAMAGED, job(a_class("a.Main", MAIN, java=0))),
    "not a class": bad(F.CLASS_DAMAGED, a_jar([Part(name=b"a/Main.class", data=b"class Main {}")])),
    "class cut off": bad(F.CLASS_DAMAGED, a_jar([Part(name=b"a/Main.class", data=MAIN_CLASS[:-20])])),
    "class with bytes after": bad(F.CLASS_DAMAGED, a_jar([Part(name=b"a/Main.class", data=MAIN_CLASS + b"\0")])),
    "class of another name": bad(F.CLASS_DAMAGED, a_jar([Part(name=b"a/Main.class", data=a_class("b.Other", MAIN))])),
    "class whose packed bytes are damaged": bad(
        F.CLASS_DAMAGED, a_jar([Part(name=b"a/Main.class", data=b"\xff" * 50, deflate=False, method=8)])
    ),
    "empty class": bad(F.CLASS_DAMAGED, a_jar([Part(name=b"a/Main.class", data=b"")])),
    "main class twice, the bad one first": bad(F.MAIN_METHOD_MISSING, job(EMPTY), PLAIN),
    "two entries of the main class, the last one bad": bad(F.MAIN_METHOD_MISSING, a_jar([at(MAIN_CLASS), at(EMPTY)])),
    "a version that spoils the class": bad(
        F.MAIN_METHOD_MISSING, job(MAIN_CLASS, manifest=VERSIONED, more=[version(9, EMPTY)])
    ),
    "class above that is nowhere": bad(F.CLASS_MISSING, job(under("b.Gone"))),
    "interface that is nowhere": bad(F.CLASS_MISSING, job(a_class("a.Main", MAIN, interfaces=["b.Gone"]))),
    "above itself": bad(F.CLASS_DAMAGED, job(under("b.Base"), a_class("b.Base", MAIN, parent="a.Main"))),
    "its own interface": bad(F.CLASS_DAMAGED, job(a_class("a.Main", MAIN, interfaces=["a.Main"]))),
    "signature of a library in a merged jar": bad(F.SIGNATURE_STALE, a_jar([*signed(MERGED, SIGNED), at(MAIN_CLASS)])),
    "stale signature in the dependency of the main class": bad(
        F.SIGNATURE_STALE, job(a_class("b.B")), a_jar([*signed(MERGED, SIGNED), at(MAIN_CLASS)])
    ),
    "stale signature above": bad(
        F.SIGNATURE_STALE, job(under("b.Base")), a_jar([*signed(MERGED, SIGNED), at(PUBLIC_BASE)])
    ),
}

# What Flink runs, and we do not, since it is dangerous to whoever takes it apart.
UNSAFE: Mapping[str, Kind] = {
    "points out": unsafe(F.ENTRY_POINTS_OUT, job(MAIN_CLASS, more=[Part(name=b"../x", data=b"1")])),
    "points out later": unsafe(F.ENTRY_POINTS_OUT, job(MAIN_CLASS, more=[Part(name=b"a/b/../../../x", data=b"1")])),
    "points to the root": unsafe(F.ENTRY_POINTS_OUT, job(MAIN_CLASS, more=[Part(name=b"/etc/x", data=b"1")])),
    "points to a drive": unsafe(F.ENTRY_POINTS_OUT, job(MAIN_CLASS, more=[Part(name=b"C:\\x", data=b"1")])),
    "points out with backslashes": unsafe(
        F.ENTRY_POINTS_OUT, job(MAIN_CLASS, more=[Part(name=b"a\\..\\..\\x", data=b"1")])
    ),
    "points out of a jar in lib": unsafe(
        F.ENTRY_POINTS_OUT, job(MAIN_CLASS, more=[inner("lib/x.jar", job(more=[Part(name=b"../x", data=b"1")]))])
    ),
    "entries that overlap": unsafe(F.ENTRIES_OVERLAP, overlapping()),
    "bomb": unsafe(F.JAR_UNPACKS_TOO_LARGE, bomb()),
    "bomb in a jar in lib": unsafe(F.JAR_UNPACKS_TOO_LARGE, job(MAIN_CLASS, more=[inner("lib/x.jar", bomb())])),
    "an entry that is lost": unsafe(F.NOT_A_JAR, spoilt(a_jar([at(MAIN_CLASS), Part(name=b"b", data=b"1")]))),
    "a dependency that is no jar": replace(unsafe(F.NOT_A_JAR, PLAIN), dependencies=[b"no jar"]),
    "Flink's own program": Kind(
        entrypoint=PLAIN, main_class=FLINK_MAIN, runs=False, refused=F.MAIN_CLASS_NOT_YOURS, kept_out=True
    ),
    "Flink's own program, bundled": Kind(
        entrypoint=job(a_class(FLINK_MAIN, MAIN)),
        main_class=FLINK_MAIN,
        runs=False,
        refused=F.MAIN_CLASS_NOT_YOURS,
        kept_out=True,
    ),
}

KINDS: Mapping[str, Kind] = {**GOOD, **BAD, **UNSAFE}
