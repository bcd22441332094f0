"""Reports of places, and what engines note about their runs, in memory: a part of `testing.records`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from penstock.domain.run import RunId
from penstock.ports.places import PlaceReport

NoteKey = tuple[str, RunId, str]  # place, run, key


class MemoryPlaces:
    """`ports.places.Places`."""

    def __init__(self, places: dict[str, PlaceReport]) -> None:
        self._places = places

    def save(self, report: PlaceReport) -> None:
        portable = replace(report.capabilities, class_path=())
        self._places[report.name] = replace(report, capabilities=portable)

    def all(self) -> Sequence[PlaceReport]:
        return [report for _, report in sorted(self._places.items())]


class MemoryStoredRunNotes:
    """`ports.run_notes.StoredRunNotes`."""

    def __init__(self, notes: dict[NoteKey, str]) -> None:
        self._notes = notes

    def settle(self, place: str, run: RunId, key: str, value: str) -> str:
        return self._notes.setdefault((place, run, key), value)

    def put(self, place: str, run: RunId, key: str, value: str) -> None:
        self._notes[place, run, key] = value

    def of_runs(self, place: str, runs: Collection[RunId]) -> Mapping[RunId, Mapping[str, str]]:
        return {run: self._of_run(place, run) for run in runs}

    def runs(self, place: str) -> frozenset[RunId]:
        return frozenset(run for at, run, _ in self._notes if at == place)

    def forget(self, place: str, run: RunId) -> None:
        for key in [key for key in self._notes if key[:2] == (place, run)]:
            del self._notes[key]

    def _of_run(self, place: str, run: RunId) -> Mapping[str, str]:
        return {key: value for (at, whose, key), value in self._notes.items() if (at, whose) == (place, run)}


class MemoryRunNotes:
    """`ports.run_notes.RunNotes` of one place, for tests of engines: it survives the engine that is given it."""

    def __init__(self, place: str = "here") -> None:
        self._place = place
        self._stored = MemoryStoredRunNotes({})

    async def settle(self, run: RunId, key: str, value: str) -> str:
        return self._stored.settle(self._place, run, key, value)

    async def put(self, run: RunId, key: str, value: str) -> None:
        self._stored.put(self._place, run, key, value)

    async def of_runs(self, runs: Collection[RunId]) -> Mapping[RunId, Mapping[str, str]]:
        return self._stored.of_runs(self._place, runs)

    async def runs(self) -> frozenset[RunId]:
        return self._stored.runs(self._place)

    async def forget(self, run: RunId) -> None:
        self._stored.forget(self._place, run)
