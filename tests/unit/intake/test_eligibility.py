"""The call's rule: who is eligible, on which day, and in which age band a person counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts.intake_codes import AgeBand, EligibilityOutcome, ProtectionStatus
from contracts.reference import consortium
from services.intake.domain.eligibility import POLICIES, UnknownProgramme, age_band, assess, months_after, policy_for

ON = date(2021, 6, 15)
RULE = policy_for("ancora-2.0", ON)
days = st.dates(date(1950, 1, 1), date(2030, 12, 31))


def outcome(status: ProtectionStatus | None, exited: date | None, *, derogated: bool = False) -> EligibilityOutcome:
    """Assess on 15 June 2021."""
    return assess(RULE, status=status, exited_reception_on=exited, on=ON, derogated=derogated)


def test_refugees_and_subsidiary_protection_within_eighteen_months_are_eligible() -> None:
    """The last day is the one eighteen months later."""
    for status in (ProtectionStatus.REFUGEE, ProtectionStatus.SUBSIDIARY):
        assert outcome(status, date(2019, 12, 15)) is EligibilityOutcome.ELIGIBLE
        assert outcome(status, date(2019, 12, 14)) is EligibilityOutcome.NOT_ELIGIBLE
        assert outcome(status, ON) is EligibilityOutcome.ELIGIBLE


@pytest.mark.parametrize("status", sorted(set(ProtectionStatus) - RULE.statuses))
def test_other_statuses_are_not_eligible_and_no_derogation_helps(status: ProtectionStatus) -> None:
    """Special protection, special cases, temporary protection and applicants are recorded, not admitted."""
    assert outcome(status, date(2021, 6, 1)) is EligibilityOutcome.NOT_ELIGIBLE
    assert outcome(status, None, derogated=True) is EligibilityOutcome.NOT_ELIGIBLE


def test_what_is_not_recorded_is_pending() -> None:
    """A status or an exit that nobody recorded, or an exit yet to come on that day."""
    assert outcome(None, date(2021, 6, 1)) is EligibilityOutcome.PENDING_EVIDENCE
    assert outcome(None, date(2021, 6, 1), derogated=True) is EligibilityOutcome.PENDING_EVIDENCE
    assert outcome(ProtectionStatus.REFUGEE, None) is EligibilityOutcome.PENDING_EVIDENCE
    assert outcome(ProtectionStatus.REFUGEE, date(2021, 6, 16)) is EligibilityOutcome.PENDING_EVIDENCE


def test_a_derogation_waives_the_time_since_the_exit_and_is_only_told_where_it_is_needed() -> None:
    """By derogation is an outcome of its own."""
    assert outcome(ProtectionStatus.REFUGEE, date(2018, 1, 1), derogated=True) is EligibilityOutcome.BY_DEROGATION
    assert outcome(ProtectionStatus.REFUGEE, None, derogated=True) is EligibilityOutcome.BY_DEROGATION
    assert outcome(ProtectionStatus.REFUGEE, date(2021, 6, 1), derogated=True) is EligibilityOutcome.ELIGIBLE


def test_a_programme_without_a_policy_on_the_day_is_unknown() -> None:
    """Neither before the programme nor under another name."""
    for programme, day in (("ancora-3.0", ON), ("ancora-2.0", date(2020, 5, 31))):
        with pytest.raises(UnknownProgramme):
            policy_for(programme, day)


def test_every_policy_belongs_to_a_known_programme_and_versions_are_unique() -> None:
    """The programme's code and first day are the reference data's."""
    assert {policy.programme for policy in POLICIES} == {one.code for one in consortium().programmes}
    for one in consortium().programmes:
        assert min(policy.in_force_from for policy in POLICIES if policy.programme == one.code) == one.start
    assert len({policy.version for policy in POLICIES}) == len(POLICIES)


def test_the_next_programme_asks_of_the_status_alone_and_within_its_own_days() -> None:
    """Whoever is carried on left reception long ago; before its first day and after its last there is no such programme."""
    (following,) = consortium().successors
    rule = policy_for(following.code, following.end)
    long_ago = date(2015, 1, 1)
    for status, expected in (
        (ProtectionStatus.REFUGEE, EligibilityOutcome.ELIGIBLE),
        (ProtectionStatus.SPECIAL, EligibilityOutcome.NOT_ELIGIBLE),
        (None, EligibilityOutcome.PENDING_EVIDENCE),
    ):
        for exited in (None, long_ago):
            assert assess(rule, status=status, exited_reception_on=exited, on=following.start, derogated=False) is expected
    for day in (following.start - timedelta(days=1), following.end + timedelta(days=1)):
        with pytest.raises(UnknownProgramme):
            policy_for(following.code, day)
    # The two run side by side for some months.
    assert policy_for("ancora-2.0", following.start).programme == "ancora-2.0"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2020, 8, 31), 18, date(2022, 2, 28)),
        (date(2018, 8, 31), 18, date(2020, 2, 29)),
        (date(2020, 12, 1), 1, date(2021, 1, 1)),
        (date(2020, 6, 15), 18, date(2021, 12, 15)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, later: date) -> None:
    """A day that the month does not have becomes its last."""
    assert months_after(day, months) == later


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2003, 6, 16), AgeBand.UNDER_18),
        (date(2003, 6, 15), AgeBand.FROM_18_TO_60),
        (date(1960, 6, 16), AgeBand.FROM_18_TO_60),
        (date(1960, 6, 15), AgeBand.OVER_60),
    ],
)
def test_the_age_band_counts_whole_years(born: date, band: AgeBand) -> None:
    """Eighteen on the birthday itself; sixty-one is over sixty."""
    assert age_band(born, ON) is band


@for_all(days, days)
def test_bands_never_grow_younger(born: date, on: date) -> None:
    """The order of bands is the order of days."""
    order = list(AgeBand)
    assert order.index(age_band(born, on)) <= order.index(age_band(born, on + timedelta(days=1)))
