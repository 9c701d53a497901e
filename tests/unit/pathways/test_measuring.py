"""Situations, network maps and assessments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.errors import Invalid
from contracts.pathway_values import Tie
from contracts.pathways import NeedsAssessed, NetworkMapped, SituationRecorded
from services.pathways.domain.commands import AssessNeeds, RecordSituations, Situation
from services.pathways.domain.refusals import (
    AlreadyRecorded,
    BaselineOver,
    BaselineTaken,
    NotInMethodology,
    NotRecorded,
    PeriodReversed,
    ScoreOutOfScale,
)
from tests.unit.pathways.cases import (
    AGREED,
    IDS,
    NEEDS,
    NETWORK,
    OPEN,
    PATHWAYS,
    SITUATIONS,
    an_id,
    history,
    situations,
)

OPENED = history(OPEN)


def test_situations_are_recorded_together_each_as_its_own_fact() -> None:
    """One command may tell how the person stands in several respects."""
    events = PATHWAYS(OPENED).when(SITUATIONS).then_types(*[SituationRecorded] * 5)
    assert events[0] == SituationRecorded(
        **IDS,
        situation_id=an_id("baseline housing reception"),
        area="housing",
        value="reception",
        moment="baseline",
        since=date(2021, 1, 1),
        until=None,
    )


def test_a_loss_is_a_later_situation() -> None:
    """What a milestone cannot say, a situation says."""
    lost = situations({"work": "seeking"}, moment="change", since=date(2021, 9, 1))
    PATHWAYS(history(*AGREED)).when(lost).then_types(SituationRecorded)


def test_a_baseline_is_taken_once_and_corrected_by_naming_it() -> None:
    """A second baseline of the same area is refused, a correction of it is not."""
    events = history(OPEN, SITUATIONS)
    again = situations({"housing": "hosted"})
    PATHWAYS(events).when(again).refused(BaselineTaken)
    wrong = an_id("baseline housing reception")
    corrected = RecordSituations(moment="baseline", situations=(replace(again.situations[0], corrects=wrong),))
    (event,) = PATHWAYS(events).when(corrected).then_types(SituationRecorded)
    assert isinstance(event, SituationRecorded)
    assert event.corrects == wrong


def test_one_command_cannot_take_the_same_baseline_twice_either() -> None:
    """The rule holds within a command as between commands."""
    twice = situations({"housing": "hosted"}).situations + situations({"housing": "reception"}).situations
    PATHWAYS(OPENED).when(RecordSituations(moment="baseline", situations=twice)).refused(BaselineTaken)


@pytest.mark.parametrize("corrects", ["baseline work seeking", "map", "nothing"])
def test_a_correction_names_its_like(corrects: str) -> None:
    """A housing situation corrects a housing situation of this pathway, nothing else."""
    item = replace(situations({"housing": "hosted"}).situations[0], corrects=an_id(corrects))
    command = RecordSituations(moment="baseline", situations=(item,))
    PATHWAYS(history(OPEN, SITUATIONS, NETWORK)).when(command).refused(NotRecorded)


def test_a_correction_keeps_the_moment_of_what_it_corrects() -> None:
    """A baseline stays a baseline, however often it is corrected."""
    item = replace(situations({"housing": "hosted"}).situations[0], corrects=an_id("baseline housing reception"))
    as_change = RecordSituations(moment="change", situations=(item,))
    PATHWAYS(history(OPEN, SITUATIONS)).when(as_change).refused(NotRecorded)


@pytest.mark.parametrize(
    "command",
    [
        situations({"housing": "hosted"}),
        replace(NETWORK, map_id=an_id("m2")),
        replace(NEEDS, assessment_id=an_id("a2"), respondent="beneficiary"),
    ],
)
def test_no_baseline_is_taken_after_a_plan_was_agreed(command: object) -> None:
    """A baseline not taken is never recovered."""
    PATHWAYS(history(*AGREED)).when(command).refused(BaselineOver)


@pytest.mark.parametrize(("area", "value"), [("housing", "castle"), ("health", "good"), ("work", "own-lease")])
def test_situations_come_from_the_catalogue(area: str, value: str) -> None:
    """Neither an unknown value, nor an unknown or sensitive area, nor another area's value."""
    PATHWAYS(OPENED).when(situations({area: value})).refused(NotInMethodology)


def test_a_situation_ends_no_earlier_than_it_began() -> None:
    """One day is enough."""
    item = Situation(situation_id=an_id("s"), area="work", value="casual", since=date(2021, 2, 2), until=date(2021, 2, 1))
    PATHWAYS(OPENED).when(RecordSituations(moment="change", situations=(item,))).refused(PeriodReversed)
    same_day = replace(item, until=date(2021, 2, 2))
    PATHWAYS(OPENED).when(RecordSituations(moment="change", situations=(same_day,))).then_types(SituationRecorded)


def test_a_command_names_at_least_one_situation_and_no_id_twice() -> None:
    """Empty commands and repeated ids are refused."""
    PATHWAYS(OPENED).when(RecordSituations(moment="baseline", situations=())).refused(Invalid)
    item = SITUATIONS.situations[0]
    PATHWAYS(OPENED).when(RecordSituations(moment="change", situations=(item, item))).refused(AlreadyRecorded)
    PATHWAYS(history(OPEN, SITUATIONS)).when(SITUATIONS).refused(AlreadyRecorded)


def test_a_network_map_counts_bonds_bridges_and_links() -> None:
    """Totals follow from the ties."""
    PATHWAYS(OPENED).when(NETWORK).then(
        [NetworkMapped(**IDS, map_id=an_id("map"), moment="baseline", bonds=5, bridges=0, links=1, ties=NETWORK.ties)]
    )


def test_a_persons_network_may_be_empty() -> None:
    """Nobody is a finding, too."""
    (event,) = PATHWAYS(OPENED).when(replace(NETWORK, ties=())).then_types(NetworkMapped)
    assert isinstance(event, NetworkMapped)
    assert (event.bonds, event.bridges, event.links) == (0, 0, 0)


def test_a_kind_of_connection_belongs_to_its_category() -> None:
    """A neighbour is a bridge, not a bond; an unknown kind is none."""
    for kind in ("neighbour", "friend-karim"):
        ties = (Tie(connection="bond", kind=kind, strength="weak", count=1),)
        PATHWAYS(OPENED).when(replace(NETWORK, ties=ties)).refused(NotInMethodology)


def test_scores_of_sensitive_areas_are_apart_from_the_others() -> None:
    """I6: what would tell of health or safety is in the sealed field, and only there."""
    PATHWAYS(OPENED).when(NEEDS).then(
        [
            NeedsAssessed(
                **IDS,
                assessment_id=an_id("needs"),
                instrument="needs-and-resources",
                instrument_version="1.0",
                respondent="worker",
                moment="baseline",
                scores={"housing": 2, "work": 2},
                sensitive_scores={"health": 3, "safety": 4},
                notes="speaks of his knee",
            )
        ]
    )


def test_worker_and_beneficiary_each_have_their_baseline() -> None:
    """The same instrument is answered by both."""
    own = replace(NEEDS, assessment_id=an_id("own"), respondent="beneficiary")
    PATHWAYS(history(OPEN, NEEDS)).when(own).then_types(NeedsAssessed)
    PATHWAYS(history(OPEN, NEEDS)).when(replace(own, respondent="worker")).refused(BaselineTaken)


def test_a_reassessment_is_possible_at_any_time() -> None:
    """Distance travelled is measured whenever it helps."""
    first = replace(NEEDS, assessment_id=an_id("f1"), moment="follow-up")
    PATHWAYS(history(*AGREED, first)).when(replace(first, assessment_id=an_id("f2"))).then_types(NeedsAssessed)


@pytest.mark.parametrize(
    "command",
    [
        replace(NEEDS, instrument="star-chart"),
        replace(NEEDS, instrument_version="0.9"),
        replace(NEEDS, scores={"luck": 3}),
        replace(NEEDS, instrument="satisfaction"),
    ],
)
def test_an_assessment_names_an_instrument_of_the_methodology_and_its_items(command: AssessNeeds) -> None:
    """Instrument, version, respondent and items are the methodology's."""
    PATHWAYS(OPENED).when(command).refused(NotInMethodology)


@pytest.mark.parametrize("score", [0, 6])
def test_a_score_lies_on_its_scale(score: int) -> None:
    """Scales go from 1 to 5."""
    PATHWAYS(OPENED).when(replace(NEEDS, scores={"work": score})).refused(ScoreOutOfScale)


def test_an_assessment_has_scores() -> None:
    """Notes alone are no assessment."""
    PATHWAYS(OPENED).when(replace(NEEDS, scores={})).refused(Invalid)


def test_a_questionnaire_has_its_own_items() -> None:
    """Satisfaction is asked of the person, by its own items."""
    command = AssessNeeds(
        assessment_id=an_id("s"),
        instrument="satisfaction",
        instrument_version="1.0",
        respondent="beneficiary",
        moment="exit",
        scores={"helpful": 5, "clear": 4},
    )
    (event,) = PATHWAYS(OPENED).when(command).then_types(NeedsAssessed)
    assert isinstance(event, NeedsAssessed)
    assert (event.scores, event.sensitive_scores) == ({"helpful": 5, "clear": 4}, None)
    PATHWAYS(OPENED).when(replace(command, scores={"work": 3})).refused(NotInMethodology)
