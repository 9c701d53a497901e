"""Situations, network maps and assessments: what is measured at baseline, on the way and at exit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.errors import Invalid
from contracts.pathways import NeedsAssessed, NetworkMapped, SituationRecorded
from services.pathways.domain.commands import AssessNeeds, MapNetwork, RecordSituations
from services.pathways.domain.course import Measurement
from services.pathways.domain.refusals import (
    BaselineOver,
    BaselineTaken,
    NotInMethodology,
    NotRecorded,
    PeriodReversed,
    ScoreOutOfScale,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from contracts.pathway_values import Connection
    from services.pathways.domain.commands import Measure, Situation
    from services.pathways.domain.course import Course
    from services.pathways.domain.methodology import Instrument, Methodology

Measured: TypeAlias = SituationRecorded | NetworkMapped | NeedsAssessed

NETWORK = "network"


def situation_subject(area: str) -> str:
    """Return what a situation measures, as `Course.measured` names it."""
    return f"situation:{area}"


def assessment_subject(instrument: str, respondent: str) -> str:
    """Return what an assessment measures, as `Course.measured` names it."""
    return f"{instrument}:{respondent}"


def decide_measure(command: Measure, course: Course, methodology: Methodology) -> list[Measured]:
    """Return the measurements that a command leads to."""
    match command:
        case RecordSituations():
            return [*_record_situations(command, course, methodology)]
        case MapNetwork():
            return [_map_network(command, course, methodology)]
        case AssessNeeds():
            return [_assess_needs(command, course, methodology)]
        case _:
            assert_never(command)


def evolve_measured(course: Course, event: Measured) -> Course:
    """Return the course with the measurement in it."""
    match event:
        case SituationRecorded(situation_id=measured_id, area=area):
            subject = situation_subject(area)
        case NetworkMapped(map_id=measured_id):
            subject = NETWORK
        case NeedsAssessed(assessment_id=measured_id, instrument=instrument, respondent=respondent):
            subject = assessment_subject(instrument, respondent)
        case _:
            assert_never(event)
    measured = {**course.measured, measured_id: Measurement(subject, event.moment)}
    return replace(course, ids=course.ids | {measured_id}, measured=measured)


def missing_baseline(course: Course, methodology: Methodology) -> list[str]:
    """Return what a plan still needs: each situation area, a network map, and needs by one respondent at least."""
    needed = [situation_subject(area.code) for area in methodology.situations]
    missing = [subject for subject in (*needed, NETWORK) if subject not in course.baseline]
    needs = methodology.needs()
    if not any(assessment_subject(needs.code, respondent) in course.baseline for respondent in needs.respondents):
        missing.append(needs.code)
    return missing


def _check(course: Course, subject: str, moment: str, corrects: UUID | None) -> None:
    """Hold the rules that all measurements share: a correction names its like of the same moment, a baseline is taken once and in time."""
    if corrects is not None:
        if course.measured.get(corrects) != Measurement(subject, moment):
            raise NotRecorded(subject)
    elif moment == "baseline":
        if course.running_plan is not None:
            raise BaselineOver
        if subject in course.baseline:
            raise BaselineTaken(subject)


def _record_situations(command: RecordSituations, course: Course, methodology: Methodology) -> list[SituationRecorded]:
    if not command.situations:
        raise Invalid("name at least one situation")
    course.check_new(*(situation.situation_id for situation in command.situations))
    events = []
    for situation in command.situations:
        _check_situation(situation, command.moment, course, methodology)
        event = SituationRecorded(
            **course.of,
            situation_id=situation.situation_id,
            area=situation.area,
            value=situation.value,
            moment=command.moment,
            since=situation.since,
            until=situation.until,
            corrects=situation.corrects,
        )
        course = evolve_measured(course, event)
        events.append(event)
    return events


def _check_situation(situation: Situation, moment: str, course: Course, methodology: Methodology) -> None:
    methodology.check_situation(situation.area, situation.value)
    if situation.until is not None and situation.until < situation.since:
        raise PeriodReversed
    _check(course, situation_subject(situation.area), moment, situation.corrects)


def _map_network(command: MapNetwork, course: Course, methodology: Methodology) -> NetworkMapped:
    course.check_new(command.map_id)
    _check(course, NETWORK, command.moment, command.corrects)
    for tie in command.ties:
        if methodology.network_kind(tie.kind).connection != tie.connection:
            raise NotInMethodology(f"kind of {tie.connection}", methodology.version)

    def total(connection: Connection) -> int:
        return sum(tie.count for tie in command.ties if tie.connection == connection)

    return NetworkMapped(
        **course.of,
        map_id=command.map_id,
        moment=command.moment,
        bonds=total("bond"),
        bridges=total("bridge"),
        links=total("link"),
        ties=command.ties,
        corrects=command.corrects,
    )


def _assess_needs(command: AssessNeeds, course: Course, methodology: Methodology) -> NeedsAssessed:
    course.check_new(command.assessment_id)
    instrument = methodology.instrument(command.instrument, command.instrument_version)
    if command.respondent not in instrument.respondents:
        raise NotInMethodology(f"respondent of {instrument.code}", methodology.version)
    _check(course, assessment_subject(command.instrument, command.respondent), command.moment, command.corrects)
    _check_scores(command.scores, instrument, methodology)
    sensitive = {area.code for area in methodology.areas if area.sensitive} if instrument.scores_areas else set()
    return NeedsAssessed(
        **course.of,
        assessment_id=command.assessment_id,
        instrument=command.instrument,
        instrument_version=command.instrument_version,
        respondent=command.respondent,
        moment=command.moment,
        scores={item: score for item, score in command.scores.items() if item not in sensitive},
        corrects=command.corrects,
        sensitive_scores={item: score for item, score in command.scores.items() if item in sensitive} or None,
        notes=command.notes,
    )


def _check_scores(scores: Mapping[str, int], instrument: Instrument, methodology: Methodology) -> None:
    if not scores:
        raise Invalid("give at least one score")
    for item, score in scores.items():
        lowest, highest = methodology.scale(instrument, item)
        if not lowest <= score <= highest:
            raise ScoreOutOfScale(item, lowest, highest)
