"""The page of combinations: what the whole-service tests said on each, from what `scripts/combinations` wrote down."""

import json
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

RECORD = Path(__file__).resolve().parents[2] / "docs" / "reference" / "combinations.json"
_INTRODUCTION = """# Combinations

Engine, object store and database are chosen by settings alone. The whole-service tests (a real `penstock serve`, real Flink,
a real store and a real database server) run on each of these combinations; this page is written from those runs by
`scripts/combinations`, never by hand.

"""
_SIGNS = "`+` passed · `-` does not apply, for the reason below · `x` failed · blank: not run"


def page() -> str:
    runs: dict[str, Any] = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    if not runs:
        return _INTRODUCTION + "There has been no run yet.\n"
    reasons = sorted({told for run in runs.values() for told in run["tests"].values() if told.startswith("skipped")})
    notes = {reason: str(number) for number, reason in enumerate(reasons, 1)}
    return _INTRODUCTION + _summary(runs) + _table(runs, notes) + _footnotes(notes)


def _summary(runs: Mapping[str, Any]) -> str:
    rows = [
        "| Combination | Engine | Store | Database | Passed | Does not apply | Failed | Seconds | Date | Commit |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, (name, run) in enumerate(sorted(runs.items()), 1):
        told = [outcome.partition(":")[0] for outcome in run["tests"].values()]
        counts = [str(told.count(kind)) for kind in ("passed", "skipped", "failed")]
        commit = f"`{run['commit']}`{' and changes' if run['changed'] else ''}"
        rows.append(
            f"| {' | '.join([str(number), *name.split('-'), *counts, str(run['seconds']), run['date'], commit])} |"
        )
    return "\n".join(rows) + "\n\n"


def _table(runs: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    names = sorted(runs)
    rows = [f"{_SIGNS}\n", f"| Test | {' | '.join(str(number) for number, _ in enumerate(names, 1))} |"]
    rows.append(f"| --- |{' --- |' * len(names)}")
    tests = sorted({test for run in runs.values() for test in run["tests"]})
    for module, found in groupby(tests, lambda test: test.partition("::")[0]):
        rows.append(f"| **{_words(module)}** |{' |' * len(names)}")
        for test in found:
            signs = [_sign(runs[name]["tests"].get(test, ""), notes) for name in names]
            rows.append(f"| {_words(test.partition('::')[2])} | {' | '.join(signs)} |")
    return "\n".join(rows) + "\n"


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ").replace("|", "/")


def _sign(told: str, notes: Mapping[str, str]) -> str:
    return {"passed": "+", "failed": "x", "": ""}.get(told, f"-{notes.get(told, '')}")


def _footnotes(notes: Mapping[str, str]) -> str:
    if not notes:
        return ""
    return "\n" + "\n".join(f"- `-{number}`: {reason.partition(': ')[2]}." for reason, number in notes.items()) + "\n"
