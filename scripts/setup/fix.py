"""Lets ruff put right what it knows how to: lint rules with a cure first, then the format."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUFF = Path(sys.executable).parent / "ruff"
PYTHON_FILES = ("src", "tests", "scripts", "scripts/build-jars", "examples")


def main() -> int:
    lint = subprocess.run([RUFF, "check", "--fix", *PYTHON_FILES], cwd=ROOT, check=False)
    form = subprocess.run([RUFF, "format", *PYTHON_FILES], cwd=ROOT, check=False)
    return lint.returncode or form.returncode


if __name__ == "__main__":
    sys.exit(main())
