"""The shapes of reporting's JSON answers. Each says as of which position of the journal it holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.envelope import Precision
from services.reporting.adapters.figures import Figures, Positions, Province
from services.reporting.adapters.labels import label
from services.reporting.projections.activity import DayActivity
from services.reporting.projections.latest_activity import LatestEvent
from services.reporting.projections.person_timeline import Timeline, TimelineEntry
from services.reporting.projections.territory_progress import TargetProgress

Count = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]


class Answer(BaseModel):
    """An answer of one position."""

    as_of_position: Annotated[Count, Field(description="position of the journal; the ETag is the same number")]


class Text(BaseModel):
    """A text in both languages of the interface."""

    it: str
    en: str


class TargetOut(BaseModel):
    """A contractual target: at least so many persons granted international protection. `province` is absent for the whole country."""

    code: str
    province: str | None
    part_of: str | None
    at_least: Count
    counted: Count
    missing: Count
    percent: Count
    reached: bool

    @classmethod
    def of(cls, progress: TargetProgress) -> TargetOut:
        """Return the shape of a target's progress."""
        target = progress.target
        return cls(
            code=target.code,
            province=target.province,
            part_of=target.part_of,
            at_least=target.at_least,
            counted=progress.counted,
            missing=progress.missing,
            percent=progress.percent,
            reached=progress.reached,
        )


class ProvinceOut(BaseModel):
    """Admissions in a province; `counted` are those who hold international protection, `left` those no longer in the programme."""

    territory: str
    region: str
    admitted: Count
    counted: Count
    left: Count

    @classmethod
    def of(cls, province: Province) -> ProvinceOut:
        """Return the shape of a province."""
        row = province.progress
        return cls(territory=province.code, region=province.region, admitted=row.admitted, counted=row.counted, left=row.left)


class TerritoryProgressOut(Answer):
    """A programme's admissions against its targets, and by province."""

    programme: str
    targets: list[TargetOut]
    territories: list[ProvinceOut]

    @classmethod
    def of(cls, programme: str, figures: Figures) -> TerritoryProgressOut:
        """Return the shape of the figures."""
        return cls(
            as_of_position=figures.position,
            programme=programme,
            targets=[TargetOut.of(target) for target in figures.targets],
            territories=[ProvinceOut.of(province) for province in figures.provinces],
        )


class CauseOut(BaseModel):
    """The event that caused another; its type is absent where it is not among the person's own."""

    event_id: UUID
    type: str | None


class TimelineEntryOut(BaseModel):
    """One event of a person's care, without any personal value. `actor` is a pseudonym."""

    event_id: UUID
    type: str
    label: Text
    occurred_on: date
    precision: Precision
    recorded_at: datetime
    stream: str
    territory: str | None
    organisation: str | None
    actor: str
    cause: CauseOut | None
    digest: Annotated[str, Field(description="SHA-256 of the event, in hex")]

    @classmethod
    def of(cls, entry: TimelineEntry, timeline: Timeline) -> TimelineEntryOut:
        """Return the shape of an entry of a timeline's page."""
        cause = None
        if entry.causation is not None:
            found = timeline.causes.get(entry.causation)
            cause = CauseOut(event_id=entry.causation, type=None if found is None else found.type)
        return cls(
            event_id=entry.event_id,
            type=entry.type,
            label=Text(**label(entry.type)),
            occurred_on=entry.occurred_on,
            precision=entry.precision,
            recorded_at=entry.recorded_at,
            stream=entry.stream,
            territory=entry.territory,
            organisation=entry.organisation,
            actor=entry.actor,
            cause=cause,
            digest=entry.digest.hex(),
        )


class TimelineOut(Answer):
    """A page of a person's timeline, in the order in which it was recorded."""

    items: list[TimelineEntryOut]
    next_cursor: Annotated[str | None, Field(description="send as `cursor` to read on; absent on the last page")] = None


class LatestEventOut(BaseModel):
    """An event that was recorded lately; nothing says about whom."""

    type: str
    label: Text
    recorded_at: datetime
    occurred_on: date
    territory: str
    organisation: str | None

    @classmethod
    def of(cls, event: LatestEvent) -> LatestEventOut:
        """Return the shape of a latest event."""
        return cls(
            type=event.type,
            label=Text(**label(event.type)),
            recorded_at=event.recorded_at,
            occurred_on=event.occurred_on,
            territory=event.territory,
            organisation=event.organisation,
        )


class DayActivityOut(BaseModel):
    """Events of a type recorded on a day in a province; an empty territory stands for none."""

    day: date
    type: str
    territory: str
    events: Count

    @classmethod
    def of(cls, row: DayActivity) -> DayActivityOut:
        """Return the shape of a day's count."""
        return cls(day=row.day, type=row.type, territory=row.territory, events=row.events)


class ActivityOut(Answer):
    """What was recorded lately, and how much on each of the last days."""

    latest: list[LatestEventOut]
    days: list[DayActivityOut]


class ModelOut(BaseModel):
    """How far a read model is; `lag` counts the journal's entries it has not passed."""

    name: str
    version: Count
    position: Count
    lag: Count
    stopped: str | None


class JournalPositionOut(Answer):
    """The journal's last position, and how far each read model is; `as_of_position` is what all of them have passed."""

    journal: Count
    lag: Count
    models: list[ModelOut]

    @classmethod
    def of(cls, positions: Positions) -> JournalPositionOut:
        """Return the shape of the positions."""
        models = [
            ModelOut(name=one.name, version=one.version, position=one.position, lag=one.lag, stopped=one.stopped)
            for one in positions.models
        ]
        return cls(as_of_position=positions.position, journal=positions.journal, lag=positions.lag, models=models)
