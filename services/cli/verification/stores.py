"""The store and the feed of one service: digests, stream links, commitments, sealed parts, density and chain of the feed."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.envelope import NO_DIGEST, chain, digest
from services._runtime.store.postgres_codec import RECORDED, recorded_event
from services._runtime.store.rotating import ROTATION_LOCK
from services._runtime.store.sealing import SealBroken, commitment, plaintext_commitment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from asyncpg.pool import PoolConnectionProxy

    from contracts.envelope import RecordedEvent
    from services._runtime.store.keyring import Key, Keyring
    from services.cli.verification.findings import Findings

BATCH = 2000
_COMMITMENT_BYTES = 48

EVENTS = f"""
select {RECORDED}, e.position, e.commitments,
    case when e.commitments = '' then '{{}}' else array(select key_id from store.sealed where event_id = e.event_id order by key_id) end,
    case when e.commitments = '' then '{{}}' else array(select ciphertext from store.sealed where event_id = e.event_id order by key_id) end
    , exists (select from store.adopted a where a.position = e.position)
from store.events e order by e.position
"""  # noqa: S608 - constant column names
FEED = "select generation, feed_position, position, chain from store.feed order by generation, feed_position"
_ENDED = "select generation, last_position from store.generation where last_position is not null order by generation"
_UNFED = """
select position from store.events e
where not exists (select from store.feed f where f.position = e.position)
  and not exists (select from store.outbox o where o.position = e.position)
order by position
"""


@dataclass(slots=True)
class Fed:
    """What a service's feed holds, recomputed: per generation the digest and the chain of positions 1, 2, 3 and so on.

    `ended` says where each generation but the present one ended.
    """

    service: str
    links: dict[int, list[tuple[bytes, bytes]]] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)

    def beyond(self, generation: int, feed_position: int) -> bool:
        """Tell whether the generation ended before this position: the world saw there what a restored store no longer knew."""
        return feed_position > self.ended.get(generation, feed_position)

    def reach(self, generation: int) -> float:
        """Return the last feed position that the store knows of: in a generation that has ended it answers for everything."""
        return inf if generation in self.ended else len(self.links.get(generation, []))

    def up_to(self, generation: int, feed_position: int) -> Iterator[tuple[int, int]]:
        """Yield (generation, feed position) of everything up to this place: older generations to their ends, then this one."""
        for older, end in self.ended.items():
            if older < generation:
                yield from ((older, place) for place in range(1, end + 1))
        yield from ((generation, place) for place in range(1, feed_position + 1))

    def at(self, generation: int, feed_position: int) -> tuple[bytes, bytes] | None:
        """Return (digest, chain) at a position, or None where the feed has no such position."""
        links = self.links.get(generation, [])
        return links[feed_position - 1] if 0 < feed_position <= len(links) else None


async def check_store(service: str, connection: PoolConnectionProxy, keyring: Keyring, findings: Findings) -> Fed:
    """Check one service's database in one snapshot, and return what its feed holds."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # What is sealed is read as it was when this began: its secrets must not be forgotten before this ends.
        await connection.execute("select pg_advisory_xact_lock_shared($1)", ROTATION_LOCK)
        digests = await _check_events(service, connection, keyring, findings)
        return await _check_feed(service, connection, digests, findings)


async def _check_events(service: str, connection: PoolConnectionProxy, keyring: Keyring, findings: Findings) -> dict[int, bytes]:
    digests: dict[int, bytes] = {}
    heads: dict[str, tuple[int, bytes]] = {}
    cursor = await connection.cursor(EVENTS)
    while rows := await cursor.fetch(BATCH):
        kept = [_kept(row[24]) for row in rows]
        keys = await keyring.by_id({key_id for parts in kept for key_id in parts})
        for row, parts in zip(rows, kept, strict=True):
            event = recorded_event(row)
            where = f"{service} {event.envelope.stream_id} version {event.envelope.stream_version}"
            _check_link(event, heads, where, findings)
            # What came back from the journal came without its commitments: the digest alone vouches for it.
            kept_commitments = None if row[27] else row[24]
            digests[row[23]] = _check_digest(event, kept_commitments, where, findings)
            _check_sealed(event, parts, dict(zip(row[25], row[26], strict=True)), keys, findings)
    findings.checked[f"{service}.events"] = len(digests)
    return digests


def _check_link(event: RecordedEvent, heads: dict[str, tuple[int, bytes]], where: str, findings: Findings) -> None:
    stream, version = event.envelope.stream_id, event.envelope.stream_version
    last, link = heads.get(stream, (0, NO_DIGEST))
    findings.equal("store.version", where, last + 1, version)
    findings.equal("store.previous-digest", where, link, event.envelope.previous_digest)
    heads[stream] = (version, event.digest)


def _check_digest(event: RecordedEvent, commitments: bytes | None, where: str, findings: Findings) -> bytes:
    recomputed = digest(event.envelope, event.data, event.commitment)
    findings.equal("store.digest", where, event.digest, recomputed)
    if commitments is not None:
        findings.equal("store.commitment", where, event.commitment, commitment(commitments))
    return recomputed


def _check_sealed(
    event: RecordedEvent, kept: Mapping[UUID, bytes], sealed: Mapping[UUID, bytes], keys: Mapping[UUID, Key], findings: Findings
) -> None:
    """Check each part whose key exists; a destroyed key is an erasure, which leaves only the commitment."""
    for key_id, expected in kept.items():
        if key_id not in keys:
            continue
        try:
            found = plaintext_commitment(keys[key_id], event.envelope, sealed[key_id])
        except (SealBroken, KeyError):
            found = None
        findings.equal("store.sealed", f"event {event.envelope.event_id} key {key_id}", expected, found)


def _kept(commitments: bytes) -> dict[UUID, bytes]:
    """Return the commitments that the store kept, by key."""
    parts = [commitments[start : start + _COMMITMENT_BYTES] for start in range(0, len(commitments), _COMMITMENT_BYTES)]
    return {UUID(bytes=part[:16]): part[16:] for part in parts}


async def _check_feed(service: str, connection: PoolConnectionProxy, digests: dict[int, bytes], findings: Findings) -> Fed:
    fed = Fed(service, ended={row[0]: row[1] for row in await connection.fetch(_ENDED)})
    link = NO_DIGEST
    cursor = await connection.cursor(FEED)
    while rows := await cursor.fetch(BATCH):
        for generation, feed_position, position, kept in rows:
            links = fed.links.setdefault(generation, [])
            where = f"{service} generation {generation} feed position {feed_position}"
            findings.equal("feed.dense", where, len(links) + 1, feed_position)
            event_digest = digests.get(position)
            if event_digest is None:
                findings.add("feed.event", where, f"an event at position {position}", None)
                event_digest = sha256(b"").digest()
            link = chain(link if links else NO_DIGEST, generation, feed_position, event_digest)
            findings.equal("feed.chain", where, link, kept)
            # What was kept goes on, so that one broken link is one finding.
            link = kept
            links.append((event_digest, kept))
    for row in await connection.fetch(_UNFED):
        findings.add("feed.omitted", f"{service} position {row[0]}", "a place in the feed or in the outbox", None)
    findings.checked[f"{service}.feed"] = sum(map(len, fed.links.values()))
    return fed
