"""Which engine, object store and database a service under test stands on; one name says all three."""

from dataclasses import dataclass

import pytest

NAMES = (
    "local-filesystem-sqlite",
    "session-filesystem-sqlite",
    "local-s3-sqlite",
    "local-filesystem-postgresql",
    "session-s3-postgresql",
)


@dataclass(frozen=True, slots=True)
class Combination:
    """Each adapter stands in it for one that the settings chose."""

    engine: str
    store: str
    database: str

    def __str__(self) -> str:
        return f"{self.engine}-{self.store}-{self.database}"

    @property
    def adapters(self) -> frozenset[str]:
        return frozenset({self.engine, self.store, self.database})


def named(name: str) -> Combination:
    """Only those that somebody chose to keep whole are known."""
    if name not in NAMES:
        raise pytest.UsageError(f"There is no combination {name!r}; known are: {', '.join(NAMES)}.")
    return Combination(*name.split("-"))


DEFAULT = named(NAMES[0])
