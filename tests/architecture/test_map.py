"""ARCHITECTURE.md names every folder of the package, and no other."""

import re

_ROW = re.compile(r"^\| `([a-z0-9_/]+)/` \|", re.MULTILINE)


def test_the_map_names_every_folder_and_no_other(root):
    package = root / "src/penstock"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    there = {str(path.parent.relative_to(package)) for path in files} - {"."}

    named = _ROW.findall((root / "ARCHITECTURE.md").read_text(encoding="utf-8"))

    assert sorted(named) == sorted(there)


def test_the_map_names_every_file_at_the_top(root):
    text = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    files = [path.name for path in (root / "src/penstock").glob("*.py") if path.name != "__init__.py"]

    assert [name for name in files if f"`{name}`" not in text] == []
