"""The feeds and their topics: of each service its events, and the records of its reads; a topic holds one feed, and is never changed."""

from __future__ import annotations

PARTITIONS = 12
SERVICES = ("intake", "pathways", "tutors", "reporting")
ACCESS = tuple(f"{service}.access" for service in SERVICES)
"""The feeds of the records of reads."""
FEEDS = (*SERVICES, *ACCESS)
TOPICS = tuple(f"ancora.{feed}" for feed in FEEDS)


def topic_of(feed: str) -> str:
    """Return the topic to which a feed is relayed; raises ValueError for one that there is not."""
    if feed not in FEEDS:
        msg = f"{feed!r} is not a feed of Ancora: expected one of {', '.join(FEEDS)}"
        raise ValueError(msg)
    return f"ancora.{feed}"


def access_of(service: str) -> str:
    """Return the feed of the records of a service's reads."""
    return f"{service}.access"


def service_of(feed: str) -> str:
    """Return the service that a feed is of."""
    return feed.partition(".")[0]
