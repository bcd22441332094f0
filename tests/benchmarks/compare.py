"""Penstock beside raw Flink, in one run and interleaved: how long until a job runs, and until it is stopped.

Run by `scripts/bench`. It measures and asserts nothing: walls move with whatever else the machine does, the ratios of
one run say more. Before each figure the machine comes to rest: the warm pool is full again, the slots are free.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.figures import COMMAND, PENSTOCK, REST, RUN, STOP, Figures, keep
from benchmarks.session import Job, Session, a_session, until
from e2e.combination import DEFAULT, NAMES, named
from e2e.scenery import a_scenery
from e2e.service import TEST_JOBS, Service, a_job, a_service
from e2e.shared_cluster import SharedCluster

_SETTINGS = """
[api]
create_wait = 120
"""
_JOB = Job(jar=TEST_JOBS, main_class="io.penstock.testjobs.Unbounded")


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--combination", choices=NAMES, default=str(DEFAULT), help=f"what Penstock stands on [{DEFAULT}]"
    )
    parser.add_argument("--repeats", type=int, default=5, help="figures of each kind [5]")
    parser.add_argument("--out", type=Path, help="write every figure to this file, as JSON")
    parser.add_argument("--write", action="store_true", help="put the medians into docs/explanation/benchmarks.md")
    asked = parser.parse_args()
    figures = Figures()
    print("Starting a service and a stock session cluster; class archives are made once.", flush=True)
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder, _both(asked.combination, Path(folder)) as two:
        service, session = two
        _warm_up(service, session)
        for number in range(asked.repeats):
            _compare(figures, service, session)
            print(f"{number + 1} of {asked.repeats}", flush=True)
    figures.show()
    if asked.out:
        asked.out.write_text(json.dumps(figures.document(), indent=2) + "\n")
    if asked.write:
        keep(asked.combination, figures.document())


class _Stock(SharedCluster):
    """The stock cluster that raw Flink is measured on, as a place of Penstock; its folder is its starter's business."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def address(self) -> str:
        return str(self._session.http.base_url).rstrip("/")

    def end(self) -> None:
        """Whoever started it ends it."""


@contextmanager
def _both(combination: str, folder: Path) -> Iterator[tuple[Service, Session]]:
    """Penstock and raw Flink; with the session engine they share the cluster."""
    with (
        a_session(folder / "session") as session,
        a_scenery(named(combination), folder, lambda: None, lambda _: _Stock(session)) as scenery,
        a_service(folder, _SETTINGS, scenery) as service,
    ):
        if scenery.cluster is None:
            _until_prepared(service)
        yield service, session


def _compare(figures: Figures, service: Service, session: Session) -> None:
    _until_at_rest(service)
    ours = figures.time(RUN, PENSTOCK, lambda: _create(service))
    _until_at_rest(service)
    figures.time(STOP, PENSTOCK, lambda: _stop(service, ours))
    _until_at_rest(service)
    theirs = figures.time(RUN, REST, lambda: session.run_by_rest(_JOB))
    figures.time(STOP, REST, lambda: session.cancel_by_rest(theirs))
    theirs = figures.time(RUN, COMMAND, lambda: session.run_by_command(_JOB))
    figures.time(STOP, COMMAND, lambda: session.cancel_by_command(theirs))


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
        place = service.answered("GET", "/penstock/v1/places")["places"][0]
        facts, slots = place["facts"], place["room"]["slots"]
        pool_is_full = facts.get("idle_pairs", 1) >= 1 and not facts.get("starting", 0)
        return place["ready"] and pool_is_full and (slots is None or slots >= 1)

    until(rests, "a pair is warm, or a slot free")
    time.sleep(1)


if __name__ == "__main__":
    main()
