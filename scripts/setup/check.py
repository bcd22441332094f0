"""Runs every check to its end, says which failed, and closes with the tests of the rules of the house.

Those come last, so that the last line is pytest's own.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PYTHON_FILES = ("src", "tests", "scripts", "scripts/build-jars", "examples")
CHECKS = (
    ("format", ("ruff", "format", "--check", *PYTHON_FILES)),
    ("lint", ("ruff", "check", *PYTHON_FILES)),
    ("types", ("mypy",)),
    ("import contracts", ("lint-imports",)),
    ("documents", ("python", "scripts/generate", "--check")),
)
TESTS = (("rules of the house", ("python", "-m", "pytest", "-q", "-m", "not jdk", "tests/architecture")),)


def main() -> int:
    wanted = CHECKS if "--without-tests" in sys.argv[1:] else CHECKS + TESTS
    failed = [name for name, command in wanted if not _passes(name, command)]
    if failed:
        print(f"Failed: {', '.join(failed)}. scripts/fix cures format and some lint.", file=sys.stderr)
    return 1 if failed else 0


def _passes(name: str, command: tuple[str, ...]) -> bool:
    print(f"== {name}: {' '.join(command)}", flush=True)
    surroundings = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    return subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, env=surroundings, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
