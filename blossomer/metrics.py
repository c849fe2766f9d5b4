"""What is counted for Prometheus, in one place; who counts what is where the name is used.

With several workers each writes to a file of its own in ``PROMETHEUS_MULTIPROC_DIR``, which the
launcher sets, and whichever worker is asked adds them up. Labels have few values: names of models,
entities, handlers and routes, never ids, addresses or words of a client.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG = (0.1, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120)

REQUESTS = Counter(
    "blossomer_http_requests_total",
    "Requests that were answered.",
    ["method", "route", "status"],
)
REQUEST_SECONDS = Histogram(
    "blossomer_http_request_seconds",
    "From the first byte of a request to the last of its answer.",
    ["method", "route"],
    buckets=(*_QUICK, 30, 60, 120),
)
WEBSOCKETS = Gauge(
    "blossomer_websockets_open", "Pages that are connected.", multiprocess_mode="livesum"
)
EVENTS = Histogram(
    "blossomer_event_seconds",
    "Time of an event handler. Those that run in the background are not in it.",
    ["handler"],
    buckets=_QUICK,
)
EVENTS_REFUSED = Counter(
    "blossomer_events_refused_total", "Events that no handler was run for.", ["reason"]
)
GENERATIONS = Counter(
    "blossomer_generations_total",
    "Generations that have ended: completed, failed or cancelled; model is the one that wrote.",
    ["entity", "model", "outcome"],
)
GENERATION_FAILURES = Counter(
    "blossomer_generation_failures_total",
    "Generations that failed, by the code of their words.",
    ["entity", "code"],
)
GENERATION_SECONDS = Histogram(
    "blossomer_generation_seconds",
    "Time of a generation, reading included.",
    ["entity", "outcome"],
    buckets=_LONG,
)
GENERATIONS_OPEN = Gauge(
    "blossomer_generations_open", "Generations that are going on.", multiprocess_mode="livesum"
)
ATTEMPTS = Counter(
    "blossomer_llm_attempts_total",
    "Requests to a model: answered, or the cause of the failure.",
    ["model", "outcome"],
)
ATTEMPT_SECONDS = Histogram(
    "blossomer_llm_attempt_seconds", "Time of a request to a model.", ["model"], buckets=_LONG
)
TOKENS = Counter(
    "blossomer_llm_tokens_total",
    "Tokens, as providers report them, else estimated.",
    ["model", "direction"],
)
COST = Counter("blossomer_llm_cost_usd_total", "Their price, where it is known.", ["model"])
PAGES_READ = Counter(
    "blossomer_website_pages_total", "Pages of websites that were read, or why not.", ["outcome"]
)
CONNECTIONS = Gauge(
    "blossomer_database_connections_in_use",
    "Connections of the pool that somebody uses.",
    multiprocess_mode="livesum",
)
CONNECTIONS_MOST = Gauge(
    "blossomer_database_connections_most",
    "Connections that the pool may have.",
    multiprocess_mode="livesum",
)
TRANSACTIONS = Histogram(
    "blossomer_database_transaction_seconds",
    "Time of a transaction, waiting for a connection included.",
    ["outcome"],
    buckets=_QUICK,
)
SAVES = Counter(
    "blossomer_saves_total",
    "Writes of changes: saved, unavailable (tried again), missing or refused.",
    ["outcome"],
)
SAVE_SECONDS = Histogram(
    "blossomer_save_seconds",
    "From a change on a page to its commit.",
    buckets=(*_QUICK, 30, 60, 300),
)
LIMITS_REFUSED = Counter(
    "blossomer_limits_refused_total", "What a limit did not let through.", ["limit"]
)

is_shared = values.ValueClass is not values.MutexValue
"""Whether several workers count together."""


def gauge(name: str, meaning: str, samples: Iterable[tuple[dict[str, str], float]]) -> Metric:
    """A value that is looked up when it is asked for.

    Args:
        name: Its whole name.
        meaning: For the people who read it.
        samples: Labels and value; the same labels in each.
    """
    samples = list(samples)
    family = GaugeMetricFamily(name, meaning, labels=list(samples[0][0]) if samples else ())
    for labels, value in samples:
        family.add_metric(list(labels.values()), value)
    return family


def render(more: Iterable[Metric] = ()) -> bytes:
    """Everything that is counted, in the text format of Prometheus.

    Args:
        more: From ``gauge``.
    """
    looked_up = CollectorRegistry()
    looked_up.register(_These(list(more)))
    registry = REGISTRY
    if is_shared:
        registry = CollectorRegistry()
        shared: Any = MultiProcessCollector
        forget_dead_workers(Path(shared(registry)._path))
    return generate_latest(registry) + generate_latest(looked_up)


def forget_dead_workers(folder: Path) -> None:
    """Take what killed workers had open off the gauges; what they have counted stays."""
    mark_dead: Any = mark_process_dead
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            with contextlib.suppress(OSError):
                mark_dead(int(pid), str(folder))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _These(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        """What there is."""
        yield from self._metrics
