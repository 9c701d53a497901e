"""The topics of Kafka: one per emitting service and one for the records of reads, created explicitly, never changed in place."""

from __future__ import annotations

PARTITIONS = 12
SERVICES = ("intake", "pathways", "tutors", "reporting")
TOPICS = (*(f"ancora.{service}" for service in SERVICES), "ancora.access")


def topic_of(service: str) -> str:
    """Return the topic to which `service` relays its feed; raises ValueError for a service that has none."""
    if service not in SERVICES:
        msg = f"{service!r} is not a service of Ancora: expected one of {', '.join(SERVICES)}"
        raise ValueError(msg)
    return f"ancora.{service}"
