"""The committed jars are what their sources give."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = sorted([*(ROOT / "src").rglob("*.jar"), *(ROOT / "tests").rglob("*.jar")])


@pytest.mark.jdk
def test_the_committed_jars_are_what_their_sources_give() -> None:
    wanted = (ROOT / "java" / "BUILD").read_text(encoding="utf-8").strip()
    if shutil.which("javac") is None:
        pytest.skip(f"there is no javac here; the jars are made by {wanted}")
    version = subprocess.run(["javac", "-version"], check=True, capture_output=True, text=True)
    found = (version.stdout or version.stderr).strip()
    if found.split(".")[0] != wanted:
        pytest.skip(f"{found} gives other bytes than {wanted}")
    if find_spec("pyflink") is None:
        pytest.skip("apache-flink-libraries is not installed, so there is nothing to compile against")

    command = [sys.executable, ROOT / "scripts" / "build-jars", "--check"]
    check = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


@pytest.mark.parametrize("jar", COMMITTED, ids=lambda jar: jar.name)
def test_a_committed_jar_is_small(jar: Path) -> None:
    assert jar.stat().st_size <= 100 * 1024


def test_every_jar_that_is_needed_is_committed() -> None:
    assert {jar.name for jar in COMMITTED} >= {
        "javaQueueStream.jar",
        "test.jar",
        "test1.jar",
        "prewarm.jar",
        "testjobs.jar",
        "manifest-main.jar",
    }
