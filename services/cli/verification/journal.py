"""The journal: dense, each feed whole and in order, every row's bytes those that its store holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contracts.cloudevents import NotOurs
from services._runtime.messaging.records import Record, event_of, unpack_headers
from services.cli.verification.records import check_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Record as Row
    from asyncpg.pool import PoolConnectionProxy

    from contracts.envelope import FeedEvent
    from services.cli.verification.findings import Findings
    from services.cli.verification.stores import Fed

_BATCH = 2000
_ROWS = """
select position, source, generation, feed_position, digest, topic, partition, kafka_offset, key, headers, value
from messaging.journal where position <= $1 order by position
"""


async def check_journal(
    connection: PoolConnectionProxy, head: int, fed: Mapping[str, Fed], relayed: Mapping[str, tuple[int, int]], findings: Findings
) -> None:
    """Read the journal up to `head`, which is older than `fed`; `relayed` is up to where each service's feed must be in it."""
    position = 0
    heads: dict[tuple[str, int], int] = {}
    lost: Counter[str] = Counter()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await connection.cursor(_ROWS, head)
        while rows := await cursor.fetch(_BATCH):
            for row in rows:
                position += 1
                if not findings.equal("journal.dense", f"journal position {position}", position, row["position"]):
                    position = row["position"]
                _check_row(row, heads, fed, findings)
                lost[row["source"]] += row["source"] in fed and fed[row["source"]].beyond(row["generation"], row["feed_position"])
    findings.checked["journal"] = position
    findings.checked |= {f"{source}.lost": count for source, count in lost.items() if count}
    for (source, generation), reached in heads.items():
        if source in fed and (held := fed[source].reach(generation)) < reached:
            advice = f"feed position {held}: restored from an older backup? See `ancora reopen {source}`"
            findings.add("store.behind", f"{source} generation {generation}", f"feed position {reached}, which the journal has", advice)
    for source, (present, cursor_at) in relayed.items():
        for generation, end in {**fed[source].ended, present: cursor_at}.items():
            reached = heads.get((source, generation), 0)
            if generation <= present and reached < end:
                findings.add("journal.missing", f"{source} generation {generation}", f"feed position {end}", f"feed position {reached}")


def _check_row(row: Row, heads: dict[tuple[str, int], int], fed: Mapping[str, Fed], findings: Findings) -> None:
    where = f"journal position {row['position']}"
    feed = (row["source"], row["generation"])
    findings.equal("journal.contiguous", f"{where} of {row['source']}", heads.get(feed, 0) + 1, row["feed_position"])
    heads[feed] = row["feed_position"]
    event = _event(row, where, findings)
    if event is None:
        return
    said = (row["source"], row["generation"], row["feed_position"], row["digest"])
    findings.equal("journal.columns", where, (event.source, event.generation, event.feed_position, event.recorded.digest), said)
    check_record("journal", event, fed, where, findings)


def _event(row: Row, where: str, findings: Findings) -> FeedEvent | None:
    record = Record(row["topic"], row["partition"], row["kafka_offset"], row["key"], unpack_headers(row["headers"]), row["value"])
    try:
        return event_of(record, row["source"])
    except NotOurs as error:
        findings.add("journal.record", where, "an event of Ancora with its digest", str(error))
        return None
