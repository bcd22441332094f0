"""One session cluster that all services of a test run share, as services of real people do; plain calls, no loop."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx

from clusters import MANAGER, Plan, SessionCluster

_OVER = frozenset({"CANCELED", "FINISHED", "FAILED"})
_UP = 120.0  # seconds


class SharedCluster:
    """Up with all its slots, and so again after whatever a test did to it."""

    def __init__(self, folder: Path) -> None:
        self._cluster = SessionCluster(folder, Plan(slots=16))
        asyncio.run(self._cluster.start())

    @property
    def address(self) -> str:
        return self._cluster.address

    def live_jobs(self) -> set[str]:
        """Flink's ids; none while the cluster is away."""
        return {job["jid"] for job in self._jobs() if job["state"] not in _OVER}

    def cancel(self, job: str) -> None:
        httpx.patch(f"{self.address}/jobs/{job}", params={"mode": "cancel"}, trust_env=False)

    def replace(self, role: str) -> None:
        """Killed, and another one started in its stead, as operators have it; a JobManager forgets its jobs."""
        if role == MANAGER:
            self.restart()
            return
        (name,) = (name for name in self._cluster.processes if name != MANAGER)
        asyncio.run(self._cluster.kill(name))
        self._cluster.start_worker()
        self._until_it_has_slots()

    def restart(self) -> None:
        """Without its jobs."""
        asyncio.run(self._cluster.kill())
        asyncio.run(self._cluster.start())

    def freeze(self) -> None:
        for name in self._cluster.processes:
            self._cluster.pause(name)

    def end(self) -> None:
        asyncio.run(self._cluster.kill())

    def _jobs(self) -> list[dict[str, Any]]:
        try:
            answer = httpx.get(f"{self.address}/jobs/overview", trust_env=False, timeout=10)
        except httpx.HTTPError:
            return []
        return list(answer.json()["jobs"]) if answer.is_success else []

    def _until_it_has_slots(self) -> None:
        until = time.monotonic() + _UP
        while time.monotonic() < until:
            found = httpx.get(f"{self.address}/overview", trust_env=False, timeout=10)
            if found.is_success and found.json()["slots-total"] >= self._cluster.plan.slots:
                return
            time.sleep(0.1)
        raise AssertionError("The session cluster has not got its slots back.")
