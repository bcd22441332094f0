"""Which lanes a change needs: never fewer than what it touched."""

import subprocess
import sys
from pathlib import Path

import pytest

import lanes
from e2e.combination import DEFAULT, NAMES
from lanes import CORE, LANES, QUICK, SOURCES, choose, fingerprint


def as_of_now() -> dict[str, dict[str, str]]:
    return {lane: {"sources": fingerprint(paths), "when": "today"} for lane, paths in SOURCES.items()}


def test_every_combination_is_a_lane() -> None:
    assert set(NAMES) <= set(LANES)


@pytest.mark.parametrize("lane", SOURCES)
def test_the_sources_of_a_lane_are_there(lane: str) -> None:
    assert [path for path in SOURCES[lane] if not (lanes.ROOT / path).exists()] == []


def test_without_a_record_everything_runs() -> None:
    assert choose("changed", {}).run == set(LANES)


def test_what_has_not_changed_since_it_passed_is_left_out_and_said() -> None:
    choice = choose("changed", as_of_now())

    assert choice.run == {QUICK, CORE}
    assert all("today" in why for why in choice.left_out.values())


def test_a_lane_whose_sources_changed_runs() -> None:
    changed = as_of_now()
    changed["local-s3-sqlite"]["sources"] = "other"

    assert choose("changed", changed).run == {QUICK, CORE, "local-s3-sqlite"}


def test_all_means_all_whatever_has_passed() -> None:
    assert choose("all", as_of_now()).run == set(LANES)


def test_a_file_changed_or_renamed_or_new_is_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()
    file.write_text("1")
    seen = [fingerprint(["folder"])]

    file.write_text("2")
    seen.append(fingerprint(["folder"]))
    file.rename(file.with_name("other"))
    seen.append(fingerprint(["folder"]))
    file.write_text("2")
    seen.append(fingerprint(["folder"]))

    assert len(set(seen)) == 4


def collected(lane: str, file: str) -> list[str]:
    """The tests of the file that run with this lane."""
    command = [sys.executable, "-m", "pytest", "--lanes", lane, "--collect-only", "-q", file]
    ended = subprocess.run(command, cwd=lanes.ROOT, capture_output=True, text=True, timeout=100, check=False)
    return [line for line in ended.stdout.splitlines() if "::" in line]


def test_tests_of_lanes_that_are_left_out_are_not_run() -> None:
    assert collected("session-engine", "tests/e2e/test_sdk.py") == []


def test_the_core_of_the_default_combination_is_a_lane_of_its_own() -> None:
    file = "tests/e2e/test_survival.py"

    core, rest = collected(CORE, file), collected(str(DEFAULT), file)

    assert core
    assert rest
    assert not set(core) & set(rest)
    assert all(str(DEFAULT) in test for test in core)
