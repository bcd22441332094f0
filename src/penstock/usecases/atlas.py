"""All places: those whose engine is in this process, and those that another service serves, as it wrote them down."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from penstock.ports.clock import Clock
from penstock.ports.engine import Engine, Health
from penstock.ports.places import PlaceReport, report_of

_UNSERVED = "No service looks after it now"


class Atlas(Mapping[str, PlaceReport]):
    """Reports by the names of their places; quick, no I/O. `kinds` are the names of the engines' plugins."""

    def __init__(self, clock: Clock, engines: Mapping[str, Engine], kinds: Mapping[str, str]) -> None:
        self._clock = clock
        self._engines = engines
        self._kinds = kinds
        self._heard: dict[str, PlaceReport] = {}

    def hear(self, reports: Iterable[PlaceReport]) -> None:
        """What the records say now."""
        self._heard = {report.name: report for report in reports}

    def engine(self, name: str) -> Engine | None:
        """The one in this process."""
        return self._engines.get(name)

    @property
    def ours(self) -> Mapping[str, Engine]:
        """Those in this process."""
        return self._engines

    def __getitem__(self, name: str) -> PlaceReport:
        now, heard = self._clock.now(), self._heard.get(name)
        if name in self._engines:
            own = report_of(name, self._kinds[name], self._engines[name], now)
            # An engine that does not look after its place now knows less than who does.
            is_behind = heard is not None and heard.is_fresh(now) and not own.health.ready
            return _caught_up(own, heard) if heard and is_behind else own
        if heard is None:
            raise KeyError(name)
        return heard if heard.is_fresh(now) else replace(heard, health=Health(ready=False, said=_UNSERVED))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._engines, *self._heard}))

    def __len__(self) -> int:
        return len({*self._engines, *self._heard})


def _caught_up(own: PlaceReport, heard: PlaceReport) -> PlaceReport:
    """Flink's version, say, is known to whoever asked; the class path is of this machine."""
    able = replace(heard.capabilities, class_path=own.capabilities.class_path)
    return replace(own, capabilities=able, room=heard.room, health=heard.health)
