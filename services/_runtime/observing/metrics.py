"""Every metric that a process of Ancora exposes, in this one file: name with its unit, labels, and what it says.

A label's values are few and written in our code or its configuration: route templates, kinds, outcomes, names of consumers, topics
and models. Never an id, never anything that came from outside: whoever reads metrics must learn nothing about a person (I6).
Which service a sample is of is said by who scrapes it (`deploy/observability/prometheus.yml`).
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

import services._runtime as runtime

if TYPE_CHECKING:
    from prometheus_client.metrics import MetricWrapperBase

    M = TypeVar("M", bound=MetricWrapperBase)

LABELS = ("aggregate", "consumer", "kind", "method", "model", "outcome", "partition", "python", "route", "status", "topic", "version")
"""Every label that a metric may have."""

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Described:
    """One metric as the reference page tells of it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


class Metrics:
    """The metrics of one process, in a registry of its own. A part that is given none counts into one that nobody reads."""

    def __init__(self) -> None:
        # A second series for each counter, which nothing here asks for; the library knows this for a whole process only.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library's
        self.registry = CollectorRegistry()
        make = _Maker(self.registry)
        self.http = Http(make)
        self.commands = Commands(make)
        self.feed = Feed(make)
        self.relay = Relay(make)
        self.leading = Leading(make)
        self.consumers = Consumers(make)
        self.journal = Journal(make)
        self.models = Models(make)
        self.process = Process(make)
        self.described = tuple(make.described)
        # process_cpu_seconds_total, process_resident_memory_bytes and the others that every Prometheus client has.
        ProcessCollector(registry=self.registry)


class _Maker:
    """Makes metrics in one registry, and keeps what was said of each."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.described: list[Described] = []
        self._registry = registry

    def counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return self._described("counter", name, meaning, labels, Counter(name, meaning, labels, registry=self._registry))

    def gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return self._described("gauge", name, meaning, labels, Gauge(name, meaning, labels, registry=self._registry))

    def histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        made = Histogram(name, meaning, labels, registry=self._registry, buckets=_BUCKETS_S)
        return self._described("histogram", name, meaning, labels, made)

    def _described(self, kind: str, name: str, meaning: str, labels: tuple[str, ...], made: M) -> M:
        self.described.append(Described(name, kind, labels, meaning))
        return made


class Http:
    """What callers of a service notice."""

    def __init__(self, make: _Maker) -> None:
        self.duration = make.histogram(
            "ancora_http_request_duration_seconds",
            "Time from a request to the end of its answer, by the template of its route; `(none)` where none matched. "
            "A stream lasts as long as its reader stays.",
            *("method", "route", "status"),
        )
        self.stream_clients = make.gauge("ancora_stream_clients", "Readers of the live stream that are connected to this process.")


class Commands:
    """Commands, whether they came over HTTP, as the reaction to an event, or because a timer was due."""

    def __init__(self, make: _Maker) -> None:
        self.total = make.counter(
            "ancora_commands_total",
            "Commands by the aggregate of their first step and what became of them: `stored`; `repeated` (done before); `unknown`, "
            "`invalid`, `refused` (by the facts); `not-permitted`; `conflict` (others were first); `key-reused`, `too-large`, "
            "`unavailable`, `failed`.",
            *("aggregate", "outcome"),
        )
        self.append_duration = make.histogram(
            "ancora_append_duration_seconds", "Time that one append to the event store took, whatever came of it."
        )
        self.timers = make.counter("ancora_timers_total", "Timers that fell due, by kind: `served` or `refused`.", "kind", "outcome")


class Feed:
    """From the store to the feed. An event that is not sequenced is stored, and nobody hears of it: alarmed after 10 seconds."""

    def __init__(self, make: _Maker) -> None:
        self.outbox = make.gauge("ancora_outbox_events", "Events that are stored and not yet in the feed.")
        self.oldest_age = make.gauge("ancora_outbox_oldest_age_seconds", "Age of the first event that is not yet in the feed.")
        self.generation = make.gauge("ancora_feed_generation", "The feed's present generation; a restore begins another.")
        self.position = make.gauge("ancora_feed_position", "The last position of the present generation's feed.")
        self.sequenced = make.counter("ancora_sequenced_events_total", "Events that this process moved into the feed.")


class Relay:
    """From the feed to Kafka."""

    def __init__(self, make: _Maker) -> None:
        self.relayed = make.gauge("ancora_relay_position", "Events of all generations that Kafka has acknowledged, in their order.")
        self.lag = make.gauge("ancora_relay_lag_events", "Events of all generations that Kafka has not acknowledged.")
        self.events = make.counter("ancora_relayed_events_total", "Events that this process sent and Kafka acknowledged.")
        self.batches = make.counter("ancora_relay_batches_total", "Batches that this process sent and Kafka acknowledged.")
        self.failures = make.counter("ancora_relay_failures_total", "Tries of this process's relay that failed; each is repeated.")


class Leading:
    """Who leads: of each kind one process of a service should."""

    def __init__(self, make: _Maker) -> None:
        self.here = make.gauge("ancora_leading", "1 while this process leads the kind of work, 0 while it stands by.", "kind")
        self.epoch = make.gauge(
            "ancora_leader_epoch", "How often the lead of this kind of work was taken; growing fast, it is lost again and again.", "kind"
        )


class Consumers:
    """Process managers, and what waits for a person."""

    def __init__(self, make: _Maker) -> None:
        self.records = make.counter(
            "ancora_consumer_records_total",
            "Records by what became of them: `handled`, `refused` (by the facts), `passed` (nothing to do, or done before), `parked`; "
            "`retried` counts tries that failed for the infrastructure.",
            *("consumer", "outcome"),
        )
        self.progress_age = make.gauge(
            "ancora_partition_progress_age_seconds",
            "Time since this process settled a record of the partition, or since Kafka said that there are no more.",
            *("topic", "partition"),
        )
        self.parked = make.gauge("ancora_parked_records", "Records that are parked.", "consumer")
        self.parked_age = make.gauge("ancora_parked_oldest_age_seconds", "How long the first of them has been parked.", "consumer")


class Journal:
    """From Kafka to the journal; told by the process that leads the ingester."""

    def __init__(self, make: _Maker) -> None:
        self.records = make.counter(
            "ancora_ingested_records_total",
            "Records by what became of them: `written`, `repeated` (the journal has them), `foreign` (nobody's events, parked).",
            "outcome",
        )
        self.holes = make.gauge("ancora_journal_holes", "Feeds of which an event is missing although later ones have arrived.")
        self.hole_age = make.gauge("ancora_journal_hole_oldest_age_seconds", "How long the first of these events has been missing.")
        self.stopped = make.gauge(
            "ancora_journal_stopped", "1 where the topic is read no further, for a record contradicts what is known.", "topic"
        )


class Models:
    """Read models, and the services' own lists."""

    def __init__(self, make: _Maker) -> None:
        self.position = make.gauge("ancora_read_model_position", "The position up to which readers see the model.", "model")
        self.lag = make.gauge("ancora_read_model_lag_events", "Events that the model has not folded yet.", "model")
        self.stopped = make.gauge("ancora_read_model_stopped", "1 where the model met an event that it cannot fold.", "model")


class Process:
    """The process itself."""

    def __init__(self, make: _Maker) -> None:
        self.database_reachable = make.gauge(
            "ancora_database_reachable", "1 where the database answered this scrape; where it is 0, what only it knows is left out."
        )
        build = make.gauge("ancora_build_info", "Always 1; the labels say what runs.", "version", "python")
        build.labels(version=runtime.__version__, python=platform.python_version()).set(1)
