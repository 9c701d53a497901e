"""How long a tutor's entries in the register are kept, as versioned data: correcting it is a new version and no new code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPolicy:
    """One version, in force from a day on: years after the end of the year in which a tutor left the register."""

    version: str
    in_force_from: date
    years: int
    source: str


REGISTER_POLICIES = (
    RegisterPolicy(
        version="2020-06",
        in_force_from=date(2020, 6, 1),
        years=10,
        source="D.Lgs. 117/2017 art. 17 and DM 6 October 2021 demand the register, unalterable, and name no time; "
        "ten years as for all entries of an association's books (art. 2220 c.c.), to confirm.",
    ),
)
"""Oldest first. Who left the register under one version is kept in it as that version says."""


def kept_in_register(left_on: date) -> date:
    """Return the last day for which the law demands the entries of a tutor who left the register on this day."""
    policy = next((one for one in reversed(REGISTER_POLICIES) if one.in_force_from <= left_on), REGISTER_POLICIES[0])
    return date(left_on.year + policy.years, 12, 31)
