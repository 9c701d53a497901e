"""The statutory register of volunteers as an extract: who stood in it on a day, as far as was recorded up to one position of the feed.

D.Lgs. 117/2017 arts 17 and 18 and DM 6 October 2021 ask for a register that is unalterable, numbered and dated: entries in the order of
their entry, with the days of entry and of leaving; occasional volunteers may stand in a section apart. Whoever was erased stays an entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.tutor_codes import TutorKind
from contracts.tutor_follow_up_codes import RegisterSection
from contracts.tutor_register import RegisterSectionChosen, VolunteerLeft, VolunteerNamed
from contracts.tutors import InsuranceRecorded, TutorRegistered, TutorRetired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.event import Event


@dataclass(frozen=True, slots=True)
class Entered:
    """One event of a tutor: the day on which it happened, the moment at which it was recorded, and its digest."""

    event: Event
    occurred_on: date
    recorded_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """An insurance, both days included, and when it was recorded."""

    valid_from: date
    valid_until: date
    kept_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the register: a tutor, or a named volunteer of theirs. `left_on` is the first day without them.

    Name, birth date and `volunteers` are None once erased; the digests of the events prove them to whoever still holds them.
    """

    tutor_id: UUID
    volunteer_id: UUID | None
    kind: TutorKind
    section: RegisterSection
    runts: str | None
    entered_on: date
    recorded_at: datetime
    left_on: date | None
    insurances: tuple[Cover, ...]
    events: tuple[bytes, ...]
    name: str | None
    birth_date: date | None
    volunteers: tuple[str, ...] | None


def entries(on: date, histories: Iterable[Sequence[Entered]]) -> tuple[Entry, ...]:
    """Return who had entered the register by a day, in the order in which the entries were recorded.

    `histories` are the events of each tutor up to one position of the feed, their first ones in the feed's order.
    """
    found = [entry for history in histories for entry in _of(on, history)]
    return tuple(sorted(found, key=lambda entry: entry.recorded_at))


def _of(on: date, history: Sequence[Entered]) -> list[Entry]:
    """Return the entries of one tutor: their own, and one for each volunteer whom they named."""
    own: Entry | None = None
    named: dict[UUID, Entry] = {}
    for one in history:
        if one.occurred_on > on:
            continue
        match one.event:
            case TutorRegistered() as event:
                own = _tutor(event, one)
            case VolunteerNamed() as event if own is not None:
                named[event.volunteer_id] = _volunteer(event, one, own)
            case VolunteerLeft(volunteer_id=volunteer_id, until=until) if volunteer_id in named:
                named[volunteer_id] = _with(one, named[volunteer_id], left_on=until)
            case _ if own is not None:
                own, named = _changed(one, own, named)
    return [] if own is None else [own, *named.values()]


def _changed(one: Entered, own: Entry, named: dict[UUID, Entry]) -> tuple[Entry, dict[UUID, Entry]]:
    """Return the entries after an event that is about all of them, or about the tutor's own."""
    match one.event:
        case InsuranceRecorded() as event:
            cover = Cover(valid_from=event.valid_from, valid_until=event.valid_until, kept_by=event.kept_by, recorded_at=one.recorded_at)
            insured = {key: replace(entry, insurances=(*entry.insurances, cover)) for key, entry in named.items()}
            return _with(one, own, insurances=(*own.insurances, cover)), insured
        case RegisterSectionChosen(section=section):
            return _with(one, own, section=section), named
        case TutorRetired():
            left = {key: entry if entry.left_on else replace(entry, left_on=one.occurred_on) for key, entry in named.items()}
            return _with(one, own, left_on=one.occurred_on), left
        case _:
            return own, named


def _with(one: Entered, entry: Entry, **changes: object) -> Entry:
    return replace(entry, events=(*entry.events, one.digest), **changes)  # type: ignore[arg-type] # fields of an entry


def _tutor(event: TutorRegistered, one: Entered) -> Entry:
    return Entry(
        tutor_id=event.tutor_id,
        volunteer_id=None,
        kind=event.kind,
        section=RegisterSection.ORDINARY,
        runts=event.runts,
        entered_on=one.occurred_on,
        recorded_at=one.recorded_at,
        left_on=None,
        insurances=(),
        events=(one.digest,),
        name=event.name,
        birth_date=event.birth_date,
        volunteers=event.volunteers,
    )


def _volunteer(event: VolunteerNamed, one: Entered, own: Entry) -> Entry:
    return Entry(
        tutor_id=event.tutor_id,
        volunteer_id=event.volunteer_id,
        kind=own.kind,
        section=event.section,
        runts=None,
        entered_on=event.since,
        recorded_at=one.recorded_at,
        left_on=None,
        insurances=own.insurances,
        events=(one.digest,),
        name=event.name,
        birth_date=event.birth_date,
        volunteers=None,
    )
