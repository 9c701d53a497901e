"""How long personal data are kept after care, as versioned data: correcting it is a new version and no new code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """One version, in force from a day on: years after the end of the year in which care ended, or in which a notice led to none."""

    version: str
    in_force_from: date
    years_after_care: int
    years_after_notice: int
    source: str


RETENTION_POLICIES = (
    RetentionPolicy(
        version="2020-06",
        in_force_from=date(2020, 6, 1),
        years_after_care=5,
        years_after_notice=1,
        source="Regulation (EU) 2021/1060 art. 82(1): five years from 31 December of the year of the last payment; the end of care "
        "stands for it until payments are recorded. One year where care never began: the consortium's own decision, to confirm.",
    ),
)
"""Oldest first. What ended under one version is kept as that version says."""


def kept_after_care(ended_on: date) -> date:
    """Return the last day for which the data of somebody are kept whose care ended on this day."""
    return date(ended_on.year + _policy(ended_on).years_after_care, 12, 31)


def kept_after_notice(given_on: date) -> date:
    """Return the last day for which the data of somebody are kept who was given the notice on this day and never enrolled.

    As good as a notice is the acceptance of a referral, where no notice followed.
    """
    return date(given_on.year + _policy(given_on).years_after_notice, 12, 31)


def _policy(day: date) -> RetentionPolicy:
    return next((policy for policy in reversed(RETENTION_POLICIES) if policy.in_force_from <= day), RETENTION_POLICIES[0])
