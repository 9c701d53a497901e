"""The contact policy as versioned data: when silence is noticed, and how long after an assignment's end its entries may still come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.tutor_codes import SilenceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPolicy:
    """One version, in force from a day on. All spans are whole days, counted from the last contact or meeting, or from the start."""

    version: str
    in_force_from: date
    contact_days: int
    meeting_days: int
    escalation_days: int
    late_entry_days: int
    """How many days after an assignment's end meetings and introductions of days inside it may still be entered."""
    longest_pause_days: int
    """How many days the clocks may stand still at a stretch: whoever is away longer is asked after again."""
    source: str

    def days(self, kind: SilenceKind) -> int:
        """Return after how many days without what `kind` names silence is noticed."""
        match kind:
            case SilenceKind.CONTACT:
                return self.contact_days
            case SilenceKind.MEETING:
                return self.meeting_days
            case SilenceKind.ESCALATION:
                return self.escalation_days


CONTACT_POLICIES = (
    ContactPolicy(
        version="2020-06",
        in_force_from=date(2020, 6, 1),
        contact_days=14,
        meeting_days=45,
        escalation_days=60,
        late_entry_days=30,
        longest_pause_days=60,
        source="The programme's own practice with volunteers (contact every 14 days, a meeting every 45, escalation after 60), "
        "after that of court appointed special advocates; late entries and longest pause to confirm.",
    ),
)
"""Oldest first. A change is a new entry at the end: what was noticed under an older one names its version."""


def contact_policy(day: date) -> ContactPolicy:
    """Return the policy in force on a day; days before the first one are under the first."""
    return next((policy for policy in reversed(CONTACT_POLICIES) if policy.in_force_from <= day), CONTACT_POLICIES[0])
