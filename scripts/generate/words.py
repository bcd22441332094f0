"""What the pages of the reference share: their opening line, and tables."""

from collections.abc import Iterable, Sequence


def opening(title: str, source: str) -> str:
    return f"# {title}\n\n<!-- Generated from {source} by scripts/docs; changes here are overwritten. -->\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
