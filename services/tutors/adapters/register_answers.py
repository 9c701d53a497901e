"""An extract of the register as callers get it, and the digest by which the same extract is proved later."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.envelope import timestamp
from contracts.tutor_codes import TutorKind
from contracts.tutor_follow_up_codes import RegisterSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.tutors.domain.register_extract import Cover, Entry
    from services.tutors.projections.register_cuts import Cut


class CoverAnswer(BaseModel):
    """An insurance, both days included, and when it was recorded."""

    valid_from: date
    valid_until: date
    kept_by: str
    recorded_at: str


class EntryAnswer(BaseModel):
    """One entry. Names and birth dates are null once erased; `events` are the digests that prove them."""

    number: int = Field(description="in the order of entry, over both sections")
    tutor_id: UUID
    volunteer_id: UUID | None
    kind: TutorKind
    runts: str | None
    entered_on: date
    recorded_at: str
    left_on: date | None
    insurances: list[CoverAnswer]
    events: list[str]
    erased: bool
    name: str | None
    birth_date: date | None
    volunteers: list[str] | None


class ExtractAnswer(BaseModel):
    """The register of an organisation as it stood on a day, as far as was recorded up to a position of the service's feed.

    The same day and position give the same extract, whatever is recorded later. `digest` is SHA-256 over everything else in it but what
    can be erased, as JSON with sorted keys and without spaces; what can be erased, the events' digests commit to.
    """

    organisation: str
    on: date
    position: int = Field(description="the position up to which it speaks: that of the lists' Ancora-As-Of-Position")
    generation: int = Field(description="the generation of the feed at that position")
    feed_position: int = Field(description="the position within it")
    chain: str = Field(description="the feed's chain there, which binds everything before it")
    recorded_at: str = Field(description="when the event at that position was recorded")
    ordinary: list[EntryAnswer]
    occasional: list[EntryAnswer]
    digest: str


_ERASABLE = {"name", "birth_date", "volunteers", "erased"}
_SECTIONS = {"ordinary", "occasional"}


def extract_answer(organisation: str, on: date, position: int, cut: Cut, entries: Sequence[Entry]) -> ExtractAnswer:
    """Return the extract of these entries."""
    numbered = [(entry.section, _entry(number, entry)) for number, entry in enumerate(entries, start=1)]
    told = ExtractAnswer(
        organisation=organisation,
        on=on,
        position=position,
        generation=cut.generation,
        feed_position=cut.feed_position,
        chain=cut.chain.hex(),
        recorded_at=timestamp(cut.recorded_at),
        ordinary=[entry for section, entry in numbered if section is RegisterSection.ORDINARY],
        occasional=[entry for section, entry in numbered if section is RegisterSection.OCCASIONAL],
        digest="",
    )
    return told.model_copy(update={"digest": digest_of(told.model_dump(mode="json"))})


def digest_of(extract: dict[str, object]) -> str:
    """Return the digest of an extract, from its JSON: what whoever proves one later computes."""
    kept = {name: value for name, value in extract.items() if name != "digest"}
    for section in _SECTIONS:
        told: list[dict[str, object]] = kept[section]  # type: ignore[assignment] # a section is a list of entries
        kept[section] = [{name: value for name, value in entry.items() if name not in _ERASABLE} for entry in told]
    return sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _entry(number: int, entry: Entry) -> EntryAnswer:
    return EntryAnswer(
        number=number,
        tutor_id=entry.tutor_id,
        volunteer_id=entry.volunteer_id,
        kind=entry.kind,
        runts=entry.runts,
        entered_on=entry.entered_on,
        recorded_at=timestamp(entry.recorded_at),
        left_on=entry.left_on,
        insurances=[_cover(one) for one in entry.insurances],
        events=[digest.hex() for digest in entry.events],
        erased=entry.name is None,
        name=entry.name,
        birth_date=entry.birth_date,
        volunteers=None if entry.volunteers is None else list(entry.volunteers),
    )


def _cover(cover: Cover) -> CoverAnswer:
    return CoverAnswer(
        valid_from=cover.valid_from,
        valid_until=cover.valid_until,
        kept_by=cover.kept_by,
        recorded_at=timestamp(cover.recorded_at),
    )
