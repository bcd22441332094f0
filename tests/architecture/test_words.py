"""The tree speaks of the project alone: no machine's paths, no registry's host name."""

import re
from collections.abc import Iterator
from pathlib import Path

# Put together here, so that this file passes its own test.
_REGISTRIES = [".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("ghcr", "io"))]
_REGISTRIES += [".".join(host) for host in (("repo1", "maven"), ("repo", "maven"), ("registry-1", "docker"))]
_MACHINES = [f"/{top}/" for top in ("root", "work", "Users")]
_WORDS = re.compile("|".join(rf"(?<![\w.]){re.escape(word)}" for word in (*_REGISTRIES, *_MACHINES)))
_PARTS_OF_HOSTS = re.compile("|".join(map(re.escape, _REGISTRIES)))
_OURS = ("src", "tests", "scripts", "locks", "docs", "java", ".ci")


def test_no_file_names_a_registry_or_a_machines_path(root):
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in texts(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _WORDS.search(line) or _PARTS_OF_HOSTS.search(line)
    ]

    assert found == []


def texts(root: Path) -> Iterator[Path]:
    """Every text file of the tree; what Git would ignore is left out."""
    top = [path for path in root.iterdir() if path.is_file()]
    below = [path for folder in _OURS for path in (root / folder).rglob("*") if path.is_file()]
    for path in sorted([*top, *below]):
        if "__pycache__" in path.parts or ".egg-info" in str(path):
            continue
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield path
