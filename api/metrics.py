"""What `GET /metrics` tells Prometheus: the requests of this process, and the imports in the database."""

import logging
from collections.abc import Iterator

import psycopg
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.services import ApiServices
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.store import figures

log = logging.getLogger(__name__)


class Metrics:
    """The figures of one app."""

    def __init__(self, services: ApiServices) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "pim_http_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "pim_http_request_seconds", "How long answers took.", ["method", "route"], registry=self._registry
        )
        self._registry.register(_Imports(services))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request; `route` is the path's pattern, so that ids make no new series."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self._registry)


class _Imports(Collector):
    """Asks the database at each scrape."""

    def __init__(self, services: ApiServices) -> None:
        self._services = services

    def describe(self) -> list[Metric]:
        return []  # asked at registration: nothing is looked up before the first scrape

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("pim_database_up", "Whether the database answers.")
        try:
            with self._services.connection() as conn:
                statuses, rows = figures.jobs_by_status(conn), figures.rows(conn)
                waiting = figures.oldest_waiting_seconds(conn)
        except psycopg.Error as error:
            log.warning("no figures from the database: %s", type(error).__name__)
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        jobs = GaugeMetricFamily("pim_import_jobs", "Import jobs by status.", labels=["status"])
        for status in JobStatus:
            jobs.add_metric([str(status)], statuses.get(status, 0))
        yield jobs
        outcome = GaugeMetricFamily(
            "pim_import_rows", "Rows of the jobs that are there, by outcome.", labels=["outcome"]
        )
        for name, count in rows.items():
            outcome.add_metric([name], count)
        yield outcome
        yield GaugeMetricFamily("pim_import_oldest_waiting_seconds", "Oldest job without a run.", value=waiting)
