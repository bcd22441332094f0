"""Which tests a change needs: lanes of tests that are slow run when what they test has changed since they last passed.

`pytest --lanes changed` asks `lanes.json` beside this file, which says for each lane what its sources were when it passed:
a hash of their content, so that no history is needed and a file that is put back counts as unchanged. `--lanes all`
runs every lane, `--keep-lanes` writes down which ran, once all has passed. What is left out is told at the top.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.combination import DEFAULT, NAMES, Combination, named

ROOT = Path(__file__).resolve().parents[1]
RECORD = Path(__file__).with_name("lanes.json")
QUICK = "quick"  # no Flink starts in it: always
CORE = "core"  # of the default combination, on real Flink: always
SESSION = "session-engine"
TOGETHER = "side-by-side"

# Beside its adapters' own sources a combination is run for these.
_AROUND = ("src/penstock/ports", "src/penstock/wiring.py", "src/penstock/settings.py", "tests/e2e", "tests/conftest.py")
_ADAPTERS = {
    "local": ("src/penstock/engines/local", "src/penstock/flink"),
    "session": ("src/penstock/engines/session", "src/penstock/flink", "tests/clusters.py"),
    "filesystem": ("src/penstock/object_stores/filesystem.py",),
    "s3": ("src/penstock/object_stores/s3", "tests/s3_servers.py"),
    "sqlite": (),
    "postgresql": ("src/penstock/database", "tests/postgresql.py"),
}
_SESSION_TESTS = (
    "tests/engines/session",
    "tests/suites/test_session_engine.py",
    "tests/e2e/test_session_cluster.py",
    "tests/networks.py",
)
_TOGETHER_TESTS = ("tests/e2e/test_side_by_side.py", "tests/severable.py")
_INSIDE = tuple(f"src/penstock/{part}" for part in ("control", "database", "domain", "ports", "usecases", "wiring.py"))
SOURCES: Mapping[str, Sequence[str]] = {
    str(DEFAULT): ("src", "java", "locks/run.lock", "tests/e2e", "tests/engines/local", "tests/jars", "tests/suites"),
    SESSION: (*_ADAPTERS["session"], *_SESSION_TESTS, "src/penstock/ports", "src/penstock/testing/engine_suite.py"),
    TOGETHER: (*_INSIDE, *_ADAPTERS["session"], *_TOGETHER_TESTS),
    **{
        name: (*_AROUND, *(path for adapter in sorted(named(name).adapters) for path in _ADAPTERS[adapter]))
        for name in NAMES
        if name != str(DEFAULT)
    },
}
LANES = (QUICK, CORE, *SOURCES)


@dataclass(frozen=True, slots=True)
class Choice:
    """The lanes that run, and for each that does not the words that say why."""

    run: frozenset[str]
    left_out: Mapping[str, str]


def choose(asked: str, record: Mapping[str, Mapping[str, str]]) -> Choice:
    """`asked` is all, changed, or names with commas."""
    if asked not in {"all", "changed"}:
        names = frozenset(asked.split(","))
        if unknown := names - set(LANES):
            raise pytest.UsageError(f"There is no lane {min(unknown)!r}; known are: {', '.join(LANES)}.")
        return Choice(names, {lane: "not asked for" for lane in LANES if lane not in names})
    passed = record if asked == "changed" else {}
    left_out = {
        lane: f"what it tests is as it was when it passed ({passed[lane]['when']})"
        for lane in SOURCES
        if lane in passed and passed[lane]["sources"] == fingerprint(SOURCES[lane])
    }
    return Choice(frozenset(LANES) - left_out.keys(), left_out)


def lane_of(item: pytest.Item) -> str:
    """Each test is in one."""
    if item.get_closest_marker("flink") is None:
        return QUICK
    path = item.path.relative_to(ROOT).as_posix()
    if path.startswith(_SESSION_TESTS):
        return SESSION
    if path in _TOGETHER_TESTS:
        return TOGETHER
    combination = item.callspec.params.get("combination") if hasattr(item, "callspec") else None
    name = str(combination) if isinstance(combination, Combination) else str(DEFAULT)
    return CORE if name == str(DEFAULT) and item.get_closest_marker("core") else name


def fingerprint(paths: Iterable[str]) -> str:
    """Of the names and the content of all files there."""
    digest = hashlib.sha256()
    for file in sorted({file for path in paths for file in _files(ROOT / path)}):
        digest.update(f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def recorded() -> dict[str, dict[str, str]]:
    return dict(json.loads(RECORD.read_text("utf-8"))) if RECORD.exists() else {}


def keep(lanes: Iterable[str], when: str) -> None:
    """These have passed in full, with their sources as they are now."""
    passed = {lane: {"sources": fingerprint(SOURCES[lane]), "when": when} for lane in lanes if lane in SOURCES}
    RECORD.write_text(json.dumps({**recorded(), **passed}, indent=2, sort_keys=True) + "\n", "utf-8")


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file())
    return [file for file in found if "__pycache__" not in file.parts and ".egg-info" not in str(file)]


class Lanes:
    """The plugin: leaves out what was not chosen, and writes down what passed."""

    def __init__(self, choice: Choice, keeps: bool) -> None:
        self._choice = choice
        self._keeps = keeps

    def pytest_report_header(self) -> list[str]:
        run = [lane for lane in LANES if lane in self._choice.run]
        return [
            f"lanes: {', '.join(run)}",
            *(f"left out: {lane}, {why}" for lane, why in self._choice.left_out.items()),
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        others = [item for item in items if lane_of(item) not in self._choice.run]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if lane_of(item) in self._choice.run]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Only a whole test run in which everything passed says something about a lane."""
        options = session.config.option
        whole = session.config.args_source is pytest.Config.ArgsSource.TESTPATHS and not options.keyword
        if self._keeps and exitstatus == pytest.ExitCode.OK and whole and not options.markexpr:
            keep(self._choice.run, today())


def lanes_of(config: pytest.Config) -> Lanes | None:
    """None where nobody asked for lanes. With them, other combinations run their core only."""
    asked = config.getoption("lanes")
    if asked is None:
        return None
    choice = choose(asked, recorded())
    chosen = [name for name in NAMES if name in choice.run or (name == str(DEFAULT) and CORE in choice.run)]
    config.option.combination = chosen or [str(DEFAULT)]
    config.option.core_elsewhere = True
    return Lanes(choice, config.getoption("keep_lanes"))


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"
