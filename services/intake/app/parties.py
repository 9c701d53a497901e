"""Who else than the organisation that answers for a record may have it: asked of the record's own events, without any key."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from contracts.disclosures import DisclosureAuthorised, DisclosureEvent, DisclosureWithdrawn
from contracts.duplicate_comparisons import DuplicateComparisonAgreed, DuplicateComparisonDeclined
from contracts.upcasters import decode
from services.intake.domain.disclosure import in_force

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services._runtime.access.deciding import Principal
    from services._runtime.store.port import EventStore, StreamEvent

_COMPARING = "intake.read-comparison"
"""The action by which a comparison is read: what two organisations agreed to look at, they look at by nothing else."""

_OF_COMPARISON = {DuplicateComparisonAgreed.type_name, DuplicateComparisonDeclined.type_name}
_OF_DISCLOSURE = {DisclosureAuthorised.type_name, DisclosureWithdrawn.type_name}


async def joined(_store: EventStore, stored: Sequence[StreamEvent], caller: Principal, day: date, action: str) -> bool:
    """Tell whether the caller's organisation is a party to the record, at this time.

    It entered the referral, is authorised to read of the person, or, for comparing, agreed to compare the person with one of its own.
    """
    if not stored:
        return False
    first = stored[0].recorded.envelope
    if first.stream_id.startswith("referral-"):
        return first.actor_organisation == caller.organisation
    if action == _COMPARING:
        return compared(stored, caller, day)
    return authorisation(stored, caller, day) is not None


def compared(stored: Sequence[StreamEvent], caller: Principal, day: date) -> bool:
    """Tell whether the caller's organisation may see who the person is, on a day: both agreed, neither took it back, it is not over."""
    recorded = (one.recorded for one in stored if one.recorded.envelope.type in _OF_COMPARISON)
    events = (decode(one.envelope.type, one.envelope.schema_version, one.data) for one in recorded)
    latest = {cast("DuplicateComparisonAgreed | DuplicateComparisonDeclined", event).reference: event for event in events}
    agreed = (event for event in latest.values() if isinstance(event, DuplicateComparisonAgreed))
    return any(one.organisation == caller.organisation and day <= one.shown_until for one in agreed)


def authorisation(stored: Sequence[StreamEvent], caller: Principal, day: date) -> DisclosureAuthorised | None:
    """Return the authorisation by which the caller's organisation reads for the caller's purpose on a day; None where there is none."""
    recorded = (one.recorded for one in stored if one.recorded.envelope.type in _OF_DISCLOSURE)
    events = (cast("DisclosureEvent", decode(one.envelope.type, one.envelope.schema_version, one.data)) for one in recorded)
    return in_force(events, recipient=caller.organisation, purpose=caller.purpose, on=day)
