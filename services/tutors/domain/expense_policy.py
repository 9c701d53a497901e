"""How much a volunteer may declare without a receipt, as versioned data: correcting it is a new version and no new code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpensePolicy:
    """One version, in force from a day on: euro cents that one volunteer may self-declare for a day, and for a calendar month."""

    version: str
    in_force_from: date
    day_cents: int
    month_cents: int
    source: str


EXPENSE_POLICIES = (
    ExpensePolicy(
        version="2017-08",
        in_force_from=date(2017, 8, 3),
        day_cents=10_00,
        month_cents=150_00,
        source="D.Lgs. 3 July 2017 n. 117, art. 17 cc. 3 and 4: only expenses incurred and documented, never flat sums; self-declared "
        "(DPR 445/2000 art. 46) up to 10 euros a day and 150 a month, for the kinds of expense on which the competent body resolved.",
    ),
)
"""Oldest first. What was declared under an older one names its version."""


def expense_policy(day: date) -> ExpensePolicy:
    """Return the policy in force on a day; days before the first one are under the first."""
    return next((policy for policy in reversed(EXPENSE_POLICIES) if policy.in_force_from <= day), EXPENSE_POLICIES[0])
