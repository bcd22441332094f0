"""What an engine must not forget of its runs, kept with the records: whoever serves the place next goes on from it."""

from collections.abc import Collection, Mapping
from typing import Protocol

from penstock.domain.run import RunId


class RunNotes(Protocol):
    """As an engine sees them: of its own place. Methods raise StorageError where the records do not answer.

    A note is a short text under a key. It is there once the call has returned, whatever dies afterwards, and controllers
    that serve the place one after another see the same ones.
    """

    async def settle(self, run: RunId, key: str, value: str) -> str:
        """The value that the key has from now on: the one that was there, else this one."""
        ...

    async def put(self, run: RunId, key: str, value: str) -> None:
        """The newest value wins."""
        ...

    async def of_runs(self, runs: Collection[RunId]) -> Mapping[RunId, Mapping[str, str]]:
        """By run, then by key; a run without notes has an empty mapping."""
        ...

    async def runs(self) -> frozenset[RunId]:
        """Those that have notes."""
        ...

    async def forget(self, run: RunId) -> None:
        """All of the run; one without notes is no error."""
        ...


class StoredRunNotes(Protocol):
    """The same inside one transaction, of all places."""

    def settle(self, place: str, run: RunId, key: str, value: str) -> str: ...

    def put(self, place: str, run: RunId, key: str, value: str) -> None: ...

    def of_runs(self, place: str, runs: Collection[RunId]) -> Mapping[RunId, Mapping[str, str]]: ...

    def runs(self, place: str) -> frozenset[RunId]: ...

    def forget(self, place: str, run: RunId) -> None: ...
