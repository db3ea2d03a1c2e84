"""``/metrics`` for Prometheus, at an address of its own (``CASE_REVIEW_METRICS_ADDRESS``).

The address of the pages does not serve ``/metrics``. The database is read at most once in
``SECONDS_KEPT`` seconds, and a scrape waits for it at most ``LONGEST_WAIT`` seconds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from time import monotonic

from prometheus_client import start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.clinical.registry_age import age
from dashboard.database import serving
from dashboard.database.connection import pools
from dashboard.metrics import REGISTRY
from dashboard.queries.monitoring import DatabaseFigures, database_figures
from dashboard.vocabulary import Role
from dashboard.web.server import draining, sockets
from dashboard.web.server.readiness import CannotServe

LONGEST_WAIT = 2.0
"""Maximum time that a scrape waits for the figures of the database, in seconds."""

SECONDS_KEPT = 10.0
"""Seconds for which scrapes reuse the figures of the database, from the time of the query."""


@contextmanager
def metrics_served(address: str | None) -> Iterator[None]:
    """Answer scrapes at ``address`` (``host:port``) during the block; do nothing if it is None.

    Raise ``CannotServe`` if the address cannot be used.
    """
    if address is None:
        yield
        return
    host, _, port = address.rpartition(":")
    collectors: list[Collector] = [_ThisProcess(), FiguresOfDatabase()]
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), REGISTRY)
    except OSError as error:
        raise CannotServe(
            f"CASE_REVIEW_METRICS_ADDRESS: {address} cannot be used ({error.strerror})."
        ) from error
    for collector in collectors:
        REGISTRY.register(collector)
    try:
        yield
    finally:
        for collector in collectors:
            REGISTRY.unregister(collector)
        server.shutdown()
        server.server_close()
        thread.join()


class _ThisProcess(Collector):
    """The state of this process: open pages, pools of connections, and whether it is stopping."""

    def collect(self) -> Iterable[Metric]:
        pages = GaugeMetricFamily("case_review_open_pages", "Open websockets.", labels=["role"])
        by_role = Counter(sockets.open_roles())
        for role in (*Role, None):
            pages.add_metric([role or "none"], by_role[role])
        yield pages
        used = GaugeMetricFamily(
            "case_review_pool_connections", "Connections in use by pool.", labels=["pool"]
        )
        limit = GaugeMetricFamily(
            "case_review_pool_limit", "Largest number of connections of a pool.", labels=["pool"]
        )
        for name, pool in pools().items():
            used.add_metric([name], pool.in_use)
            limit.add_metric([name], pool.limit)
        yield from (used, limit)
        yield GaugeMetricFamily(
            "case_review_stopping", "1 once a stop was asked for.", draining.is_stopping()
        )


class FiguresOfDatabase(Collector):
    """The figures of the outbox, the registry and the counts.

    They are read from the database at most once in ``SECONDS_KEPT`` seconds.
    """

    def __init__(
        self,
        read: Callable[[], DatabaseFigures] | None = None,
        longest_wait: float = LONGEST_WAIT,
        seconds_kept: float = SECONDS_KEPT,
    ) -> None:
        self._read = read or _read
        self._longest_wait, self._seconds_kept = longest_wait, seconds_kept
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._lock = Lock()
        self._reading: Future[DatabaseFigures] | None = None
        self._asked_at = 0.0

    def collect(self) -> Iterable[Metric]:
        figures = self._figures()
        yield GaugeMetricFamily(
            "case_review_database_up",
            "1 if the database has answered the server's own role in time.",
            figures is not None,
        )
        if figures is not None:
            yield from _of_outbox(figures)
            yield from _ages(figures)

    def _figures(self) -> DatabaseFigures | None:
        """Return the figures of the database; None if it has not answered in time."""
        with self._lock:
            fresh = monotonic() < self._asked_at + self._seconds_kept
            # Each query holds a connection, so no second query is started before the first has
            # ended.
            if self._reading is None or (self._reading.done() and not fresh):
                self._reading, self._asked_at = self._thread.submit(self._read), monotonic()
            reading = self._reading
        try:
            return reading.result(self._longest_wait)
        except Exception:
            # The error is not logged, because its text may name the database. A metric shows the
            # failure.
            return None


def _read() -> DatabaseFigures:
    with serving() as connection:
        return database_figures(connection, LONGEST_WAIT)


def _of_outbox(figures: DatabaseFigures) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "case_review_letters_waiting", "Letters that wait to be sent.", figures.letters_waiting
    )
    yield GaugeMetricFamily(
        "case_review_oldest_letter_seconds",
        "Time for which the oldest waiting letter has waited; 0 if none waits.",
        _since(figures.oldest_letter_at, figures.read_at) or 0.0,
    )
    yield GaugeMetricFamily(
        "case_review_letters_failed",
        "Letters that failed and await a person.",
        figures.letters_failed,
    )


def _ages(figures: DatabaseFigures) -> Iterator[Metric]:
    if figures.registry is not None:
        yield GaugeMetricFamily(
            "case_review_registry_age_seconds",
            "Age of the registry's rows.",
            age(figures.registry, figures.read_at).total_seconds(),
        )
    counts = _since(figures.counted_at, figures.read_at)
    if counts is not None:
        yield GaugeMetricFamily(
            "case_review_counts_age_seconds", "Age of the oldest counts for leads.", counts
        )


def _since(instant: datetime | None, now: datetime) -> float | None:
    return None if instant is None else max(0.0, (now - instant).total_seconds())
