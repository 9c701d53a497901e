"""Within which time a referral is answered, and how long a declined one's data are kept, as versioned data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralTerms:
    """One version, in force from a day on."""

    version: str
    in_force_from: date
    answered_within: timedelta
    kept_after_decline: timedelta
    source: str


TERMS = (
    ReferralTerms(
        version="2020-06",
        in_force_from=date(2020, 6, 1),
        answered_within=timedelta(days=15),
        kept_after_decline=timedelta(days=30),
        source="The consortium's own decision, to confirm. Thirty days are the month of GDPR art. 12(3): somebody who does not want to be "
        "known is forgotten in time without asking.",
    ),
)
"""Oldest first. What was received or declined under one version follows that version."""


def answer_due(received_on: date) -> date:
    """Return the last day on which a referral is answered in time."""
    return received_on + _terms(received_on).answered_within


def kept_after_decline(declined_on: date) -> date:
    """Return the last day for which the personal data of a declined referral are kept."""
    return declined_on + _terms(declined_on).kept_after_decline


def _terms(day: date) -> ReferralTerms:
    return next((terms for terms in reversed(TERMS) if terms.in_force_from <= day), TERMS[0])
