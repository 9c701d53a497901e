"""The only place that makes ids: time-ordered ones for events, random ones for everything a person could be traced by."""

from __future__ import annotations

import secrets
import time
from hashlib import sha256
from uuid import UUID, uuid4

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62


def new_event_id() -> UUID:
    """Return a UUIDv7 of the machine's clock (RFC 9562): 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    high = secrets.randbits(12) << 64
    return UUID(int=(milliseconds & 0xFFFF_FFFF_FFFF) << 80 | _VERSION_7 | high | _VARIANT | secrets.randbits(62))


def made_at(event_id: UUID) -> float:
    """Return the moment at which an event's id was made, in seconds since 1970, by the machine's clock: whatever clock the event is on."""
    return (event_id.int >> 80) / 1000


def new_id() -> UUID:
    """Return a random UUIDv4: it tells nothing, not even the day."""
    return uuid4()


def derived_id(*parts: object) -> UUID:
    """Return a UUIDv4-shaped id that the same parts always give: how a repeated reaction finds what it made before.

    At least one part must be unguessable (an event's id, a person's id), or the result can be recomputed by anyone.
    """
    raw = sha256("\x1f".join(str(part) for part in parts).encode()).digest()[:16]
    return UUID(bytes=raw, version=4)
