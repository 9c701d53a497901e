"""Who else than the organisation that answers for a record may have it: asked of the record's own events."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services._runtime.access.deciding import Principal
    from services._runtime.store.port import EventStore, StreamEvent


async def joined(_store: EventStore, stored: Sequence[StreamEvent], caller: Principal, _day: date) -> bool:
    """Tell whether the caller's organisation is a party to the record: it entered the referral."""
    if not stored:
        return False
    first = stored[0].recorded.envelope
    return first.stream_id.startswith("referral-") and first.actor_organisation == caller.organisation
