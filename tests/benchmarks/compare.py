"""Penstock beside raw Flink, in one run and interleaved: how long until a job runs, and until it is stopped.

Run by `scripts/bench`. It measures and asserts nothing: walls move with whatever else the machine does, the ratios of
one run say more. Before each figure the machine comes to rest: the warm pool is full again, nothing starts.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TypeVar

from benchmarks.session import Job, Session, a_session, until
from e2e.service import TEST_JOBS, Service, a_job, a_service

T = TypeVar("T")

_SETTINGS = """
[api]
create_wait = 120
"""
_JOB = Job(jar=TEST_JOBS, main_class="io.penstock.testjobs.Unbounded")
_RUN, _STOP = "until every task runs", "until it is stopped"
_PENSTOCK, _REST, _COMMAND = "Penstock", "Flink's REST", "Flink's command line"


class Figures:
    """Seconds by what was done and who did it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def time(self, what: str, who: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = work()
        self.seconds[what, who].append(time.perf_counter() - began)
        return result

    def show(self) -> None:
        for what in (_RUN, _STOP):
            print(f"\n{what:<24}{'min':>8}{'median':>9}{'max':>8}   Penstock takes")
            ours = statistics.median(self.seconds[what, _PENSTOCK])
            for who in (_PENSTOCK, _REST, _COMMAND):
                found = self.seconds[what, who]
                median = statistics.median(found)
                ratio = "" if who == _PENSTOCK else f"{ours / median:>10.2f} times this"
                print(f"{who:<24}{min(found):>7.2f}s{median:>8.2f}s{max(found):>7.2f}s{ratio}")

    def document(self) -> dict[str, object]:
        return {
            "machine": {"cpus": os.cpu_count(), "load": os.getloadavg(), "system": platform.platform()},
            "seconds": {f"{who}: {what}": found for (what, who), found in self.seconds.items()},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="figures of each kind [5]")
    parser.add_argument("--out", type=Path, help="write every figure to this file, as JSON")
    asked = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        print("Starting a service and a stock session cluster; class archives are made once.", flush=True)
        with a_service(Path(folder), _SETTINGS) as service, a_session(Path(folder) / "session") as session:
            _until_prepared(service)
            _warm_up(service, session)
            for number in range(asked.repeats):
                _compare(figures, service, session)
                print(f"{number + 1} of {asked.repeats}", flush=True)
    figures.show()
    if asked.out:
        asked.out.write_text(json.dumps(figures.document(), indent=2) + "\n")


def _compare(figures: Figures, service: Service, session: Session) -> None:
    _until_at_rest(service)
    ours = figures.time(_RUN, _PENSTOCK, lambda: _create(service))
    _until_at_rest(service)
    figures.time(_STOP, _PENSTOCK, lambda: _stop(service, ours))
    _until_at_rest(service)
    theirs = figures.time(_RUN, _REST, lambda: session.run_by_rest(_JOB))
    figures.time(_STOP, _REST, lambda: session.cancel_by_rest(theirs))
    theirs = figures.time(_RUN, _COMMAND, lambda: session.run_by_command(_JOB))
    figures.time(_STOP, _COMMAND, lambda: session.cancel_by_command(theirs))


def _warm_up(service: Service, session: Session) -> None:
    """The first job of a cluster loads classes; a pool does that beforehand, so neither side is charged with it."""
    _until_at_rest(service)
    _stop(service, _create(service))
    session.cancel_by_rest(session.run_by_rest(_JOB))


_NAMES = (f"job-{number}" for number in count(1))


def _create(service: Service) -> int:
    """The answer of create says that the job runs: it waits for Flink."""
    answer = service.answered("POST", "/v1.0/{project}/streaming/flink-jobs", a_job(next(_NAMES)))["job"]
    if answer["status_name"] != "running":
        raise RuntimeError(f"Penstock did not run the job: {answer}")
    return int(answer["job_id"])


def _stop(service: Service, job: int) -> None:
    service.answered("POST", "/v1.0/{project}/streaming/jobs/stop", {"job_ids": [job]})
    until(lambda: bool(service.explain(job)["status"] == "job_cancel_success"), f"job {job} is stopped")


def _until_prepared(service: Service) -> None:
    names = ("base", "jobmanager", "taskmanager")
    folder = service.state / "places" / "here" / "archives"
    until(lambda: all(list(folder.glob(f"*/{name}.jsa")) for name in names), "the class archives are made")


def _until_at_rest(service: Service) -> None:
    def rests() -> bool:
        facts = service.answered("GET", "/penstock/v1/places")["places"][0]["facts"]
        return bool(facts["idle_pairs"] >= 1 and not facts["starting"])

    until(rests, "the pool is full")
    time.sleep(1)


if __name__ == "__main__":
    main()
