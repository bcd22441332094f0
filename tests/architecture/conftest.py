"""The tree that the rules of the house are about."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def modules(root: Path) -> dict[str, str]:
    """Every Python file that is ours to ship or to call, by its path in the tree, with its text."""
    found = [*(root / "src").rglob("*.py"), *(root / "scripts").rglob("*.py")]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(found)}
