"""One record that carries an event, from Kafka or the journal, against the store it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.envelope import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.envelope import FeedEvent
    from services.cli.verification.findings import Findings
    from services.cli.verification.stores import Fed


def check_record(place: str, event: FeedEvent, fed: Mapping[str, Fed], where: str, findings: Findings) -> None:
    """Compare a record with the feed, byte by byte through its recomputed digest; `place` is "kafka" or "journal".

    What lies beyond the end of its generation is held against its own digest only: the store lost it, and says so.
    """
    recorded = event.recorded
    findings.equal(f"{place}.digest", where, recorded.digest, digest(recorded.envelope, recorded.data, recorded.commitment))
    if event.source in fed and fed[event.source].beyond(event.generation, event.feed_position):
        return
    stored = fed[event.source].at(event.generation, event.feed_position) if event.source in fed else None
    name = f"{where} = {event.source} generation {event.generation} feed position {event.feed_position}"
    if stored is None:
        findings.add(f"{place}.event", name, "an event of the feed", "a record that the feed does not have")
        return
    findings.equal(f"{place}.event", name, stored[0], recorded.digest)
    findings.equal(f"{place}.chain", name, stored[1], event.chain)
