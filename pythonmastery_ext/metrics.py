"""What Prometheus reads: this process's requests, pool and caches, and how the database is."""

import asyncio
import hmac
import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jupyter_core.utils import ensure_async
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from pythonmastery_ext.db import measures
from pythonmastery_ext.db.cache import CACHES
from pythonmastery_ext.db.engine import Database
from pythonmastery_ext.errors import DatabaseAway, NotAllowed, NotSignedIn
from pythonmastery_ext.web import ApiHandler, Operation, Route

if TYPE_CHECKING:
    from pythonmastery_ext.authority import Authority

log = logging.getLogger(__name__)

#: Below the 10 s after which Prometheus gives up.
PATIENCE = 5.0
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
UNKNOWN = "(unknown)"
BEARER = "Bearer "


class Metrics:
    """Counts requests by the pattern of their address, never by the address: that has names."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._paths = {route.handler: route.path for route in routes}
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "pythonmastery_http_requests",
            "Requests that were answered",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "pythonmastery_http_request_seconds",
            "Time from a request to the end of its answer, without event streams",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def answered(self, handler: ApiHandler) -> None:
        route = self._paths.get(type(handler), UNKNOWN)
        known = handler.request.method in ApiHandler.SUPPORTED_METHODS
        method = handler.request.method if known else UNKNOWN
        self._requests.labels(method, route, str(handler.get_status())).inc()
        if handler._headers.get("Content-Type") != "text/event-stream":
            self._seconds.labels(route).observe(handler.request.request_time())

    async def exposition(self, authority: "Authority") -> bytes:
        """Prometheus' text format; without the database it says so and tells the rest."""
        database = getattr(authority, "db", None)
        figures = await _read(database) if database is not None else None
        now = CollectorRegistry()
        now.register(_Families([*_of_process(database), *_of_database(figures)]))
        return generate_latest(self._registry) + generate_latest(now)


class _Families(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


async def _read(database: Database) -> measures.Figures | None:
    try:
        async with asyncio.timeout(PATIENCE), database.transaction() as db:
            return await measures.read(db)
    except (DatabaseAway, TimeoutError) as error:
        log.warning("the database could not be measured: %s", error)
        return None


def _of_process(database: Database | None) -> Iterator[Metric]:
    if database is not None:
        pool = database.pool()
        yield _gauge("pool_connections", "Connections that the pool keeps open at most", pool.size)
        yield _gauge("pool_in_use", "Connections in use", pool.in_use)
        yield _gauge("pool_overflow", "Connections beyond the size of the pool", pool.overflow)
        yield CounterMetricFamily(
            "pythonmastery_pool_waits",
            "Transactions that found every connection taken",
            value=pool.waits,
        )
    stats = CACHES.stats()
    for kind, about in (("hits", "Values served from a cache"), ("misses", "Values made anew")):
        family = CounterMetricFamily(f"pythonmastery_cache_{kind}", about, labels=["cache"])
        for cache in stats:
            family.add_metric([cache.name], getattr(cache, kind))
        yield family
    age = GaugeMetricFamily(
        "pythonmastery_cache_age_seconds", "Age of the oldest value", labels=["cache"]
    )
    for cache in stats:
        age.add_metric([cache.name], cache.oldest or 0.0)
    yield age


def _of_database(figures: measures.Figures | None) -> Iterator[Metric]:
    yield _gauge("database_up", "1 if the database answers", int(figures is not None))
    if figures is None:
        return
    yield _gauge(
        "partitions_ahead",
        "Months after this one whose partitions are ready; -1 if this month is missing",
        figures.partitions_ahead,
    )
    jobs = GaugeMetricFamily("pythonmastery_jobs", "Jobs in the queue", labels=["task", "status"])
    for (task, status), count in figures.jobs.items():
        jobs.add_metric([task, status], count)
    yield jobs
    yield _gauge(
        "oldest_waiting_seconds", "Age of the oldest attempt without a verdict; 0 if none waits",
        figures.oldest_waiting,
    )  # fmt: skip
    yield _gauge("workers", "Workers with a heartbeat in the last 10 s", figures.workers)
    if figures.heartbeat_age is not None:
        yield _gauge("heartbeat_age_seconds", "Since any worker's heartbeat", figures.heartbeat_age)
    yield from _verdicts(figures)


def _verdicts(figures: measures.Figures) -> Iterator[Metric]:
    about = f"attempts of the last {measures.RECENT_MINUTES} minutes"
    counts = GaugeMetricFamily(
        "pythonmastery_recent_verdicts", f"Verdicts on {about}", labels=["status"]
    )
    seconds = GaugeMetricFamily(
        "pythonmastery_recent_verdict_seconds",
        f"From submitting to the verdict, of {about}",
        labels=["status", "quantile"],
    )
    for status, recent in figures.verdicts.items():
        counts.add_metric([status], recent.count)
        seconds.add_metric([status, "0.5"], recent.median)
        seconds.add_metric([status, "0.95"], recent.p95)
    yield counts
    yield seconds


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"pythonmastery_{name}", about, value=value)


class MetricsHandler(ApiHandler):
    auth_resource = "pythonmastery:metrics"
    _track_activity = False

    async def prepare(self) -> None:  # type: ignore[override]
        """An authority asks for its own token: none of the hub's opens this address."""
        settings = self.authority.settings
        if settings.role == "authority":
            given = self.request.headers.get("Authorization", "")
            if not _is_bearer(given, settings.metrics_token):
                raise NotSignedIn
            return
        await super().prepare()
        allowed = self.authorizer.is_authorized(self, self.current_user, "read", self.auth_resource)
        if not await ensure_async(allowed):
            raise NotAllowed

    async def get(self) -> None:
        text = await self.authority.metrics.exposition(self.authority)
        self.set_header("Cache-Control", "no-store")
        self.finish(text, set_content_type=CONTENT_TYPE_LATEST)


def _is_bearer(header: str, token: str) -> bool:
    expected = f"{BEARER}{token}".encode()
    return bool(token) and hmac.compare_digest(header.encode(), expected)


ROUTES = [
    Route(
        "metrics",
        MetricsHandler,
        (Operation(method="GET", summary="Figures in Prometheus' text format"),),
    ),
]
