"""The documents: their links lead somewhere, they keep to their form, and what they repeat of the code is true."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from penstock.api import routes
from penstock.api.words import NAMES
from penstock.domain.lifecycle import NEXT

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_STATE_ROW = re.compile(r"^\| ([a-z_]+) \| (job_\w+) \| (.+) \|$", re.MULTILINE)
_NEWS = re.compile(r"[a-z_]+")
_CALL_ROW = re.compile(r"^\| ((?:[A-Z]+(?:, )?)*) ?(`/.+?) \| ([a-z ]+)[^|]* \|", re.MULTILINE)
_ADR_HEADINGS = ["Context", "Decision", "What we gave up"]


def test_every_relative_link_leads_to_a_file_and_a_heading(root):
    assert [broken for page in pages(root) for broken in broken_links(page)] == []


def test_the_readme_fits_on_a_few_screens(root):
    assert len((root / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_both_readmes_have_the_same_sections(root):
    counts = {name: len(_HEADING.findall(prose(root / name))) for name in ("README.md", "README.zh-CN.md")}

    assert counts["README.md"] == counts["README.zh-CN.md"]


def test_every_decision_has_its_three_headings(root):
    decisions = sorted((root / "docs/adr").glob("[0-9]*.md"))

    forms = {page.name: re.findall(r"^## (.+)$", prose(page), re.MULTILINE) for page in decisions}

    assert forms == {page.name: _ADR_HEADINGS for page in decisions}
    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))


def test_every_decision_is_in_the_list_of_decisions(root):
    listed = set(_LINK.findall((root / "docs/adr/README.md").read_text(encoding="utf-8")))

    assert listed == {page.name for page in (root / "docs/adr").glob("[0-9]*.md")}


def test_the_table_of_states_says_what_the_code_does(root):
    rows = {state: (name, moves) for state, name, moves in _STATE_ROW.findall(_architecture(root))}

    assert {state: name for state, (name, _) in rows.items()} == {state.value: NAMES[state] for state in NEXT}
    for state, news in NEXT.items():
        assert _moves(rows[state.value][1], rows) == {what.value: after.value for what, after in news.items()}


def test_the_matrix_names_every_dli_call_that_is_served_and_no_other(root):
    told = dict(_told_calls((root / "docs/reference/dli-compatibility.md").read_text(encoding="utf-8")))

    assert {call for call, state in told.items() if state != "not there yet"} == set(_served_calls())


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_terminal_run_stands_between_its_two_marks(root, page):
    text = (root / page).read_text(encoding="utf-8")

    assert text.count("<!-- terminal run: begin") == text.count("<!-- terminal run: end -->") == 1


def pages(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("*.md"))
    yield from sorted((root / "docs").rglob("*.md"))


def prose(page: Path) -> str:
    """Without the code: what looks like a link or a heading there is none."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def broken_links(page: Path) -> Iterator[str]:
    for link in _LINK.findall(prose(page)):
        if _ELSEWHERE.match(link):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (heading and heading not in anchors(target)):
            yield f"{page.name}: {link}"


def anchors(page: Path) -> set[str]:
    """As code hosts make them of headings."""
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(prose(page)))
    return {heading.replace(" ", "-") for heading in headings}


def _architecture(root: Path) -> str:
    return (root / "ARCHITECTURE.md").read_text(encoding="utf-8")


def _moves(cell: str, rows: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The cell as a mapping; a part `as STATE, without NEWS` stands for that state's row."""
    found: dict[str, str] = {}
    for part in cell.split(" · "):
        if part.startswith("as "):
            state, _, less = part.removeprefix("as ").partition(", without ")
            found |= _moves(rows[state][1], rows)
            del found[less]
            continue
        news, _, after = part.partition(": ")
        found |= dict.fromkeys(_NEWS.findall(news), after)
    return found


def _told_calls(text: str) -> Iterator[tuple[str, str]]:
    """`METHOD /path` and what is said of it; a row without a method speaks of a path that is not there."""
    for section in text.split("\n## ")[1:]:
        base = "/v2.0/{}" if section.startswith("Packages") else "/v1.0/{}"
        for methods, cell, state in _CALL_ROW.findall(section):
            for path in re.findall(r"`(/.+?)`", cell):
                full = path if re.match(r"/v\d", path) else base + path
                for method in methods.split(", ") if methods else ["ANY"]:
                    yield f"{method} {_plain(full)}", state.strip()


def _served_calls() -> Iterator[str]:
    for module in pkgutil.iter_modules(routes.__path__, f"{routes.__name__}."):
        for route in import_module(module.name).router.routes:
            if re.match(r"/v\d", route.path):
                yield from (f"{method} {_plain(route.path)}" for method in route.methods)


def _plain(path: str) -> str:
    """Whatever the parameters are called."""
    return re.sub(r"\{\w*\}", "{}", path)
