"""Many callers at once, and less room than they ask for: each is answered, nobody is lost, nobody overtakes."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import httpx
import pytest

from e2e.scenery import Scenery
from e2e.service import Service, a_job, a_service, wait_for

pytestmark = pytest.mark.flink

CROWD = 200
CREATE = "/v1.0/{project}/streaming/flink-jobs"
WAITING = """
[api]
create_wait = 3
[places.here]
cu_memory = "512m"
pool_size = 0
"""


@pytest.fixture(scope="module")
def service(scenery: Scenery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("crowd"), WAITING, scenery) as service:
        yield service


def test_jobs_without_room_wait_in_their_order_and_say_why(service: Service) -> None:
    service.make_queue("narrow", 2)
    first, second, third = (service.create(a_job(f"turn-{number}", queue_name="narrow")) for number in (1, 2, 3))

    reason = wait_for(lambda: _waits(service, second), "the second waits for room")
    assert reason == "queue narrow has 0 of 2 CUs free, the job asks for 2"
    assert service.explain(third)["reason"]["code"] == "waits_for_turn"

    service.until_running(first)
    service.stop_job(first)
    service.until_running(second)
    assert service.explain(third)["state"] == "queued"


def test_a_job_that_no_queue_could_ever_hold_is_refused(service: Service) -> None:
    service.make_queue("tiny", 2)

    answer = service.ask("POST", CREATE, a_job("giant", queue_name="tiny", cu_number=6, tm_cus=5))

    assert answer.status_code == 400
    assert "tiny" in answer.json()["error_msg"]


def test_of_two_creates_of_one_name_one_wins(service: Service) -> None:
    service.make_queue("full", 2)
    service.create(a_job("in-the-way", queue_name="full"))

    answers = asyncio.run(_at_once(service, [a_job("same", queue_name="full")] * 8))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 7}
    assert {answer.json()["error_code"] for answer in answers if answer.status_code == 400} == {"DLI.11004"}


def test_a_crowd_of_creates_at_once_loses_nobody(service: Service) -> None:
    service.make_queue("crowded", 16)
    jobs = [a_job(f"one-of-many-{number}", queue_name="crowded", cu_number=8, tm_cus=7) for number in range(CROWD)]

    answers = asyncio.run(_at_once(service, jobs))

    assert Counter(answer.status_code for answer in answers) == {200: CROWD}
    ids = {answer.json()["job"]["job_id"] for answer in answers}
    assert len(ids) == CROWD
    assert _listed(service) == ids
    wait_for(lambda: _statuses(service) == {"job_running": 2, "job_submitting": CROWD - 2}, "as many run as fit")

    service.delete_all()
    service.until_no_runs()
    assert service.place.alive() == set()
    wait_for(lambda: _used(service, "crowded") == 0, "the queue is free again")


async def _at_once(service: Service, jobs: Sequence[Mapping[str, object]]) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=service.endpoint, trust_env=False, limits=limits, timeout=120) as http:
        return await asyncio.gather(*(http.send(service.request(http, "POST", CREATE, job)) for job in jobs))


def _waits(service: Service, job: int) -> str | None:
    reason = service.explain(job)["reason"]
    return str(reason["text"]) if reason["code"] == "waits_for_queue" else None


def _used(service: Service, queue: str) -> int:
    return int(service.answered("GET", f"/v1.0/{{project}}/queues/{queue}")["used_cu"])


def _listed(service: Service) -> set[int]:
    return {job["job_id"] for job in _pages(service)}


def _statuses(service: Service) -> Counter[str]:
    return Counter(job["status"] for job in _pages(service))


def _pages(service: Service) -> list[dict[str, object]]:
    jobs: list[dict[str, object]] = []
    while True:
        query = {"limit": 100, "offset": len(jobs)}
        page = service.answered("GET", "/v1.0/{project}/streaming/jobs", query=query)["job_list"]
        jobs += page["jobs"]
        if len(jobs) >= page["total_count"]:
            return jobs
