"""Who is eligible for a programme, as versioned policies: data, so that correcting one is a new version and no new code."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from contracts.errors import Invalid
from contracts.intake_codes import AgeBand, EligibilityOutcome, ProtectionStatus

_ADULT = 18
_LAST_OF_MIDDLE_BAND = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityPolicy:
    """One version of a programme's rule, in force from a day on, to its last day where it has one.

    `reception_exit_months` may be waived by a derogation, the status not; None asks of no exit from reception.
    """

    programme: str
    version: str
    in_force_from: date
    statuses: frozenset[ProtectionStatus]
    reception_exit_months: int | None
    source: str
    last_day: date | None = None


INTERNATIONAL_PROTECTION = frozenset({ProtectionStatus.REFUGEE, ProtectionStatus.SUBSIDIARY})
"""The statuses that are international protection (Directive 2011/95/EU, art. 2)."""

POLICIES: tuple[EligibilityPolicy, ...] = (
    EligibilityPolicy(
        programme="ancora-2.0",
        version="ancora-2.0/1",
        in_force_from=date(2020, 6, 1),
        statuses=INTERNATIONAL_PROTECTION,
        reception_exit_months=18,
        source="FAMI 2014-2020, the call's rule",
    ),
    # Whoever is carried on left reception long ago: the programme asks of the status alone. Provisional, as the programme is.
    EligibilityPolicy(
        programme="ancora-continuity",
        version="ancora-continuity/1",
        in_force_from=date(2022, 1, 1),
        last_day=date(2023, 12, 31),
        statuses=INTERNATIONAL_PROTECTION,
        reception_exit_months=None,
        source="provisional, to confirm with the call of AMIF 2021-2027",
    ),
)


class UnknownProgramme(Invalid):
    """No policy of this programme is in force on the day."""

    code = "unknown-programme"


def policy_for(programme: str, day: date) -> EligibilityPolicy:
    """Return the programme's newest policy in force on the day; raises `UnknownProgramme`."""
    in_force = [
        policy
        for policy in POLICIES
        if policy.programme == programme and policy.in_force_from <= day and (policy.last_day is None or day <= policy.last_day)
    ]
    if not in_force:
        raise UnknownProgramme("no policy of this programme is in force on that day: check the programme's code and the day")
    return max(in_force, key=lambda policy: policy.in_force_from)


def assess(
    policy: EligibilityPolicy, *, status: ProtectionStatus | None, exited_reception_on: date | None, on: date, derogated: bool
) -> EligibilityOutcome:
    """Return what the policy says of a person on a day.

    What is not recorded yet is pending; a derogation waives the time since the exit from reception.
    """
    if status is None:
        return EligibilityOutcome.PENDING_EVIDENCE
    if status not in policy.statuses:
        return EligibilityOutcome.NOT_ELIGIBLE
    if policy.reception_exit_months is None:
        return EligibilityOutcome.ELIGIBLE
    exited = exited_reception_on is not None and exited_reception_on <= on
    if exited_reception_on is not None and exited and on <= months_after(exited_reception_on, policy.reception_exit_months):
        return EligibilityOutcome.ELIGIBLE
    if derogated:
        return EligibilityOutcome.BY_DEROGATION
    return EligibilityOutcome.NOT_ELIGIBLE if exited else EligibilityOutcome.PENDING_EVIDENCE


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or that month's last where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def age_band(birth_date: date, on: date) -> AgeBand:
    """Return the band of the person's age in whole years on a day; one born on 29 February grows older on 1 March."""
    age = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    if age < _ADULT:
        return AgeBand.UNDER_18
    return AgeBand.FROM_18_TO_60 if age <= _LAST_OF_MIDDLE_BAND else AgeBand.OVER_60
