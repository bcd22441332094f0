"""What Prometheus may know: requests, jobs, places and the process; no label carries anything a caller wrote."""

from collections.abc import Iterable, Mapping

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.domain.history import Fact
from penstock.domain.lifecycle import State
from penstock.ports.clock import Clock
from penstock.ports.places import PlaceReport

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One registry for each app, so that two of them in one process do not count for each other."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        by_route = ("method", "route")
        self._requests = self._counter("http_requests", "Requests answered, by route and status.", *by_route, "status")
        self._seconds = Histogram(
            "penstock_http_request_seconds",
            "From the head of a request to the end of its answer.",
            by_route,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._moves = self._counter(
            "job_facts", "What happened to jobs: moves, and facts beside them.", "what", "after"
        )
        self._jobs = self._gauge("jobs", "Jobs by state.", "state")
        self._ready = self._gauge("place_ready", "1 if the place takes runs now.", "place")
        self._room = self._gauge("place_room", "What a place offers in all.", "place", "of")
        self._facts = self._gauge("place_fact", "What a place says about itself.", "place", "fact")

    def hear(self, facts: Iterable[Fact]) -> None:
        """A listener for `Records.on_facts`."""
        for fact in facts:
            self._moves.labels(fact.what, fact.after.value).inc()

    def show_jobs(self, counts: Mapping[State, int]) -> None:
        for state in State:
            self._jobs.labels(state.value).set(counts.get(state, 0))

    def show_places(self, places: Iterable[PlaceReport]) -> None:
        for place in places:
            name, health, room = place.name, place.health, place.room
            self._ready.labels(name).set(health.ready)
            for fact, value in health.facts.items():
                self._facts.labels(name, fact).set(value)
            for of, amount in (("cus", room.cus), ("slots", room.slots)):
                if amount is not None:
                    self._room.labels(name, of).set(amount)

    def count(self, request: Request, status: int, seconds: float) -> None:
        """One answer; a route is its template, and whatever has none counts together."""
        method = request.method if request.method in _METHODS else "other"
        route = getattr(request.scope.get("route"), "path", "other")
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"penstock_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"penstock_{name}", meaning, labels, registry=self.registry)


class Metered:
    """Stands around the app and counts; an answer that never began counts as 499, the caller having gone."""

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Clock) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 499, self._clock.monotonic()

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        finally:
            self._metrics.count(Request(scope), status, self._clock.monotonic() - began)
