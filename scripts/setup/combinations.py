"""Runs the whole-service tests on combinations, keeps what came out as JSON, and writes the page from it.

A combination that is run again replaces what was known of it; the others keep their date and their commit. The lane of a
combination that passed in full need not run again until its sources change (tests/lanes.py).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "docs" / "reference" / "combinations.json"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

import lanes
from e2e.combination import DEFAULT, NAMES

_SOURCES = ("src", "tests", "java", "locks", "pyproject.toml", ":!tests/lanes.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/combinations", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} [all]")
    asked = parser.parse_args().names or list(NAMES)
    if unknown := sorted(set(asked) - set(NAMES)):
        parser.error(f"there is no combination {unknown[0]!r}; known are: {', '.join(NAMES)}")
    return max([_run(name) for name in asked])


def _run(name: str) -> int:
    """The exit code of its tests."""
    print(f"== {name}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="penstock-combinations-") as folder:
        report = Path(folder) / "report.xml"
        # By name: tests that do not depend on the combination are not run once for each.
        chosen = ["--combination", name, "-k", name, f"--junitxml={report}", "tests/e2e"]
        code = subprocess.run([sys.executable, "-m", "pytest", "-q", *chosen], cwd=ROOT, check=False).returncode
        if not report.exists():
            return code
        tests = dict(sorted(_told(report, name)))
    runs = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    runs[name] = {**_circumstances(began), "tests": tests}
    RECORD.write_text(json.dumps(runs, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    if code == 0 and name != str(DEFAULT):  # the default lane has more tests than these
        lanes.keep([name], runs[name]["date"])
    subprocess.run([sys.executable, "scripts/generate"], cwd=ROOT, check=True)
    return code


def _circumstances(began: float) -> dict[str, object]:
    return {
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", *_SOURCES)),
        "date": lanes.today(),
        "seconds": round(time.monotonic() - began),
    }


def _told(report: Path, combination: str) -> Iterator[tuple[str, str]]:
    """The tests that depend on the combination, and what became of each; a skipped one says why."""
    for case in ET.parse(report).iter("testcase"):
        name = case.get("name", "")
        if combination not in name:
            continue
        plain = name.replace(f"-{combination}", "").replace(f"{combination}-", "").replace(f"[{combination}]", "")
        yield f"{case.get('classname', '').rpartition('.')[2]}::{plain}", _outcome(case)


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    return "passed" if skipped is None else f"skipped: {skipped.get('message', '')}"


def _git(*arguments: str) -> str:
    ended = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
