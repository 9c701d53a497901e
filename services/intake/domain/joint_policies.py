"""For how long a request to compare stands, and what is agreed to is shown, as versioned data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPolicy:
    """One version, in force from a day on: so many days after the request one can agree, so many after the agreement one can look."""

    version: str
    in_force_from: date
    stands_days: int
    shown_days: int

    def lapses_on(self, requested_on: date) -> date:
        """Return the last day on which a request of that day can be agreed to."""
        return requested_on + timedelta(days=self.stands_days)

    def shown_until(self, agreed_on: date) -> date:
        """Return the last day on which both records are shown that were opened to each other on that day."""
        return agreed_on + timedelta(days=self.shown_days)


JOINT_POLICIES = (JointPolicy(version="2020-06", in_force_from=date(2020, 6, 1), stands_days=30, shown_days=14),)
"""Oldest first. A change is a new entry at the end: what was agreed under an older one names its version and its days."""


def joint_policy(day: date) -> JointPolicy:
    """Return the policy in force on a day; days before the first one are under the first."""
    return next((policy for policy in reversed(JOINT_POLICIES) if policy.in_force_from <= day), JOINT_POLICIES[0])
