"""Seconds by what was done and who did it: printed, kept, and written into the page about speed as one table."""

import json
import os
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

RUN, STOP = "until every task runs", "until it is stopped"
PENSTOCK, REST, COMMAND = "Penstock", "Flink's REST", "Flink's command line"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "benchmarks.md"
KEPT = PAGE.with_suffix(".json")
_BEGIN, _END = "<!-- figures: begin (written by scripts/bench --write) -->", "<!-- figures: end -->"


class Figures:
    """Of one combination."""

    def __init__(self) -> None:
        self.seconds: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def time(self, what: str, who: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = work()
        self.seconds[what, who].append(time.perf_counter() - began)
        return result

    def show(self) -> None:
        for what in (RUN, STOP):
            print(f"\n{what:<24}{'min':>8}{'median':>9}{'max':>8}   Penstock takes")
            ours = statistics.median(self.seconds[what, PENSTOCK])
            for who in (PENSTOCK, REST, COMMAND):
                found = self.seconds[what, who]
                median = statistics.median(found)
                ratio = "" if who == PENSTOCK else f"{ours / median:>10.2f} times this"
                print(f"{who:<24}{min(found):>7.2f}s{median:>8.2f}s{max(found):>7.2f}s{ratio}")

    def document(self) -> dict[str, Any]:
        return {
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "system": platform.platform()},
            "seconds": {f"{who}: {what}": found for (what, who), found in self.seconds.items()},
        }


def keep(combination: str, document: Mapping[str, Any]) -> None:
    """In place of what was known of this combination; the page follows."""
    known = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    known[combination] = document
    KEPT.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n{table(known)}{_END}{after}", "utf-8")


def table(known: Mapping[str, Any]) -> str:
    """Medians, and how many times as long Penstock takes."""
    rows = [
        "| Combination | Penstock: runs | REST | times | command | times | Penstock: stops | REST | times | Date | Load |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, document in sorted(known.items()):
        seconds: Mapping[str, Sequence[float]] = document["seconds"]
        run, stop = (statistics.median(seconds[f"{PENSTOCK}: {what}"]) for what in (RUN, STOP))
        rest, command = (statistics.median(seconds[f"{who}: {RUN}"]) for who in (REST, COMMAND))
        cancel = statistics.median(seconds[f"{REST}: {STOP}"])
        cells = [name, _s(run), _s(rest), f"{run / rest:.2f}", _s(command), f"{run / command:.2f}"]
        cells += [_s(stop), _s(cancel), f"{stop / cancel:.2f}", document["date"], f"{document['machine']['load']:.1f}"]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"
