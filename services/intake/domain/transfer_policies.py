"""For how long a request for a transfer stands, as versioned data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPolicy:
    """One version, in force from a day on: a request stands for so many days after the day on which it was made."""

    version: str
    in_force_from: date
    stands_days: int

    def lapses_on(self, requested_on: date) -> date:
        """Return the last day on which a request of that day can be accepted."""
        return requested_on + timedelta(days=self.stands_days)


TRANSFER_POLICIES = (TransferPolicy(version="2020-06", in_force_from=date(2020, 6, 1), stands_days=30),)
"""Oldest first. A change is a new entry at the end: what was requested under an older one names its version."""


def transfer_policy(day: date) -> TransferPolicy:
    """Return the policy in force on a day; days before the first one are under the first."""
    return next((policy for policy in reversed(TRANSFER_POLICIES) if policy.in_force_from <= day), TRANSFER_POLICIES[0])
