"""Request bodies of what is measured: situations, network maps, assessments; and what all bodies of the service share."""

from __future__ import annotations

from typing import Annotated

from pydantic import UUID4, Field, StrictInt, StringConstraints

from contracts.pathway_values import (
    AssessmentMoment,
    Connection,
    Evidence,
    Respondent,
    SituationMoment,
    Strength,
    Tie,
)
from services._runtime.web.bodies import Body, Code, CommandBody, Day, Line, Prose
from services.pathways.domain import commands

Score = Annotated[StrictInt, Field(ge=0, le=100)]


class EvidenceBody(Body):
    """Where the proof of a fact is kept: a reference, never the document."""

    kind: Annotated[Code, Field(description="such as contract, certificate, receipt")]
    holder: Annotated[Line, Field(description="who keeps it")]
    place: Line | None = None
    date: Day
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None

    def evidence(self) -> Evidence:
        """Return the reference as events hold it."""
        return Evidence(kind=self.kind, holder=self.holder, place=self.place, date=self.date, sha256=self.sha256)


class SituationItem(Body):
    """One respect in which the person stands."""

    situation_id: UUID4
    area: Code
    value: Code
    since: Day
    until: Day | None = None
    corrects: UUID4 | None = None


class SituationsBody(CommandBody):
    """How the person stands, in one or several respects."""

    moment: SituationMoment
    situations: Annotated[tuple[SituationItem, ...], Field(min_length=1, max_length=20)]

    def command(self) -> commands.RecordSituations:
        """Return the command."""
        items = tuple(
            commands.Situation(
                situation_id=item.situation_id,
                area=item.area,
                value=item.value,
                since=item.since,
                until=item.until,
                corrects=item.corrects,
            )
            for item in self.situations
        )
        return commands.RecordSituations(moment=self.moment, situations=items)


class TieItem(Body):
    """How many connections of one kind and strength."""

    connection: Connection
    kind: Code
    strength: Strength
    count: Annotated[StrictInt, Field(ge=1, le=100)]


class NetworkMapBody(CommandBody):
    """The person's connections, counted. There is no field for a name, and there will be none."""

    map_id: UUID4
    moment: AssessmentMoment
    ties: Annotated[tuple[TieItem, ...], Field(max_length=60)]
    corrects: UUID4 | None = None

    def command(self) -> commands.MapNetwork:
        """Return the command."""
        ties = tuple(Tie(connection=tie.connection, kind=tie.kind, strength=tie.strength, count=tie.count) for tie in self.ties)
        return commands.MapNetwork(map_id=self.map_id, moment=self.moment, ties=ties, corrects=self.corrects)


class AssessmentBody(CommandBody):
    """One respondent's answers to an instrument."""

    assessment_id: UUID4
    instrument: Code
    instrument_version: Code
    respondent: Respondent
    moment: AssessmentMoment
    scores: Annotated[dict[Code, Score], Field(min_length=1, max_length=60, description="by area or item")]
    notes: Prose | None = None
    corrects: UUID4 | None = None

    def command(self) -> commands.AssessNeeds:
        """Return the command."""
        return commands.AssessNeeds(
            assessment_id=self.assessment_id,
            instrument=self.instrument,
            instrument_version=self.instrument_version,
            respondent=self.respondent,
            moment=self.moment,
            scores=self.scores,
            notes=self.notes,
            corrects=self.corrects,
        )
