"""Referrals and how far each is, for who sent and who received them: one row each, nobody named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import get_args
from uuid import UUID

from contracts.referral_codes import DeclineReason, Referrer
from contracts.referrals import (
    ReferralAccepted,
    ReferralDataErased,
    ReferralDeclined,
    ReferralEvent,
    ReferralReceived,
    ReferralUnanswered,
)
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


class ReferralStatus(StrEnum):
    """How far a referral is; `unanswered` is one whose answer is late."""

    RECEIVED = "received"
    UNANSWERED = "unanswered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral. `organisation` received it, `sender` entered it; `version` is the stream's."""

    referral_id: UUID
    beneficiary_id: UUID
    by: Referrer
    sender: str
    organisation: str
    territory: str
    received_on: date
    status: ReferralStatus
    answered_on: date | None
    reason: DeclineReason | None
    version: int


def keys_of(fact: Fact) -> list[Key]:
    """Return the referral's row."""
    return [(fact.event.referral_id,)] if isinstance(fact.event, get_args(ReferralEvent)) else []


def evolve(row: ReferralRow | None, fact: Fact, _key: Key) -> ReferralRow:
    """Return the row after the fact."""
    version, day = fact.envelope.stream_version, fact.envelope.occurred_on
    match fact.event, row:
        case ReferralReceived() as received, _:
            return ReferralRow(
                referral_id=received.referral_id,
                beneficiary_id=received.beneficiary_id,
                by=received.by,
                sender=received.sender,
                organisation=received.organisation,
                territory=received.territory,
                received_on=day,
                status=ReferralStatus.RECEIVED,
                answered_on=None,
                reason=None,
                version=version,
            )
        case ReferralUnanswered(), ReferralRow():
            return replace(row, status=ReferralStatus.UNANSWERED, version=version)
        case ReferralAccepted(), ReferralRow():
            return replace(row, status=ReferralStatus.ACCEPTED, answered_on=day, version=version)
        case ReferralDeclined(reason=reason), ReferralRow():
            return replace(row, status=ReferralStatus.DECLINED, answered_on=day, reason=reason, version=version)
        case ReferralDataErased(), ReferralRow():
            return replace(row, version=version)
        case _:
            raise TypeError(f"a referral's first fact is that it was received, not {fact.envelope.type}")


REFERRALS = ReadModel(
    name="referrals",
    version=1,
    row=ReferralRow,
    key=("referral_id",),
    reads=get_args(ReferralEvent),
    keys_of=keys_of,
    evolve=evolve,
)


def referrals_of(
    parties: tuple[Mapping[str, object], ...],
    *,
    status: ReferralStatus | None = None,
    territory: str | None = None,
    since: date | None = None,
    until: date | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of the referrals to which somebody is a party, as `parties` says by column, by id.

    `since` and `until` are days on which they were received.
    """
    query = Query(either=parties, after=after, limit=limit)
    return narrowed(query, {"status": status, "territory": territory}, day="received_on", since=since, until=until)
