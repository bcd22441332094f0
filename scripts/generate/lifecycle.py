"""The page of states: the diagram and the table, made from the one table that moves jobs."""

from words import opening, table

from penstock.domain.lifecycle import ALIVE, NEXT, SETTLED, State

_INTRODUCTION = """
A job moves only by this table: whatever has no row is refused. States that a run holds room in are marked *alive*, those
that a job rests in *settled*.
"""


def page() -> str:
    return "".join(
        (
            opening("States of a job", "`penstock.domain.lifecycle`"),
            _INTRODUCTION,
            f"\n```mermaid\n{_diagram()}```\n\n",
            table(("State", "Kind", "News", "Next state"), _rows()),
        )
    )


def _diagram() -> str:
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for state, moves in NEXT.items():
        targets: dict[State, list[str]] = {}
        for news, target in moves.items():
            targets.setdefault(target, []).append(news.value)
        lines += [f"    {state} --> {target}: {', '.join(news)}" for target, news in targets.items()]
    return "\n".join(lines) + "\n"


def _rows() -> list[tuple[str, str, str, str]]:
    return [
        (f"`{state}`", _kind(state), f"`{news.value}`", f"`{target}`")
        for state, moves in NEXT.items()
        for news, target in moves.items()
    ]


def _kind(state: State) -> str:
    return "settled" if state in SETTLED else "alive" if state in ALIVE else "waiting"
