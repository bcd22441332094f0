"""The cluster as it was last seen: which Flink, how many slots, what of them others take; and whether it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from penstock.domain.errors import EngineUnavailable
from penstock.domain.footprint import Room
from penstock.domain.run import InstallationId, run_of
from penstock.flink.last_word import OVER
from penstock.flink.rest import ClusterView, FlinkRest, Manners
from penstock.flink.states import JobView, seen_of
from penstock.ports.engine import Health

_log = structlog.get_logger()
_FLINK = "1.20"  # until the cluster has said which it is
_JAVA = 17
_NOT_ASKED = "Nobody looks at it here now"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foreign:
    """A job of somebody else: when it changed last, and the slots it wants."""

    changed_at_ms: int
    slots: int


class Cluster:
    """Nothing of it is truth about a run; it is what place and health are told from."""

    def __init__(self, address: str, manners: Manners, installation: InstallationId) -> None:
        self.address = address
        self.flink = _FLINK
        self.java = _JAVA
        self._version = ""
        self._installation = installation
        self._view: ClusterView | None = None
        self._foreign: dict[str, _Foreign] = {}
        self._trouble = _NOT_ASKED
        self._manners = manners
        self._rest: FlinkRest | None = None

    @property
    def rest(self) -> FlinkRest:
        """It may be asked whether anybody serves the place here or not."""
        self._rest = self._rest or FlinkRest(self.address, self._manners)
        return self._rest

    async def close(self) -> None:
        """Let go of the connections; what was seen is as good as not seen from now on."""
        rest, self._rest, self._trouble = self._rest, None, _NOT_ASKED
        if rest is not None:
            await rest.close()

    async def look(self) -> None:
        """Ask how it is, and remember that."""
        try:
            view = await self.rest.cluster()
            await self._look_at_version(view.version)
            await self._look_at_foreign(await self.rest.jobs())
        except EngineUnavailable as error:
            if self._trouble in {"", _NOT_ASKED}:
                _log.warning("cluster does not answer", address=self.address, why=str(error))
            self._trouble = str(error)
            return
        if self._trouble:
            _log.info("cluster answers", address=self.address, flink=view.version, slots=view.slots)
        self._view, self._trouble = view, ""

    def room(self) -> Room:
        """A cluster that is silent now has none: whoever waits for it is told so by its health."""
        if self._view is None or self._trouble:
            return Room(slots=0)
        return Room(slots=max(0, self._view.slots - self._foreign_slots(self._view)))

    def health(self) -> Health:
        view = self._view
        facts = {}
        if view is not None and not self._trouble:
            facts = {
                "task_managers": float(view.task_managers),
                "slots": float(view.slots),
                "free_slots": float(view.free_slots),
                "foreign_slots": float(self._foreign_slots(view)),
            }
        return Health(ready=not self._trouble, said=self._trouble, facts=facts)

    def _foreign_slots(self, view: ClusterView) -> int:
        """Others may want more than they have."""
        return min(sum(job.slots for job in self._foreign.values()), view.slots - view.free_slots)

    async def _look_at_version(self, version: str) -> None:
        if version == self._version:
            return
        parts = version.split(".")
        if len(parts) < 2 or not parts[0].isdecimal() or not parts[1].isdecimal():
            raise EngineUnavailable(f"It does not say which Flink it is: {version[:40]!r}")
        self.java = await self.rest.java() or _JAVA
        self.flink, self._version = f"{parts[0]}.{parts[1]}", version

    async def _look_at_foreign(self, jobs: Mapping[str, JobView]) -> None:
        known, self._foreign = self._foreign, {}
        for job in jobs.values():
            if run_of(self._installation, job.id) is not None or seen_of(job, ran=True) in OVER:
                continue
            before = known.get(job.id)
            if before is None or before.changed_at_ms != job.changed_at_ms:
                before = _Foreign(changed_at_ms=job.changed_at_ms, slots=await self.rest.slots_wanted(job.id))
            self._foreign[job.id] = before
