"""Writes docs/reference/ from the code, or with --check says which of its pages are stale."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import combinations
import command_line
import errors
import lifecycle
import openapi
import settings

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "combinations.md": combinations.page,
    "settings.md": settings.page,
    "command-line.md": command_line.page,
    "errors.md": errors.page,
    "lifecycle.md": lifecycle.page,
    "openapi.json": openapi.page,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a page is stale")
    check = parser.parse_args().check
    stale = [name for name, page in PAGES.items() if _differs(REFERENCE / name, page())]
    if check:
        for name in stale:
            print(f"docs/reference/{name} is stale. What to do: scripts/docs", file=sys.stderr)
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/reference/{name} is written.")
    return 0


def _differs(file: Path, text: str) -> bool:
    return not file.exists() or file.read_text(encoding="utf-8") != text


if __name__ == "__main__":
    sys.exit(main())
