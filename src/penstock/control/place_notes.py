"""An engine's notes about its runs, in the records: what the port promises, for one place."""

from collections.abc import Collection, Mapping

from penstock.domain.run import RunId
from penstock.ports.records import Records


class PlaceNotes:
    """`ports.run_notes.RunNotes`. What user code said may hold a NUL, which no database keeps as text."""

    def __init__(self, records: Records, place: str) -> None:
        self._records = records
        self._place = place

    async def settle(self, run: RunId, key: str, value: str) -> str:
        text = _storable(value)
        return await self._records.change(lambda tx: tx.run_notes.settle(self._place, run, key, text))

    async def put(self, run: RunId, key: str, value: str) -> None:
        text = _storable(value)
        await self._records.change(lambda tx: tx.run_notes.put(self._place, run, key, text))

    async def of_runs(self, runs: Collection[RunId]) -> Mapping[RunId, Mapping[str, str]]:
        return await self._records.look(lambda tx: tx.run_notes.of_runs(self._place, runs))

    async def runs(self) -> frozenset[RunId]:
        return await self._records.look(lambda tx: tx.run_notes.runs(self._place))

    async def forget(self, run: RunId) -> None:
        await self._records.change(lambda tx: tx.run_notes.forget(self._place, run))


def _storable(text: str) -> str:
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
