"""What may be decided about two records that may be one person's: each command is answered with events, or with a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from uuid import UUID

from contracts.duplicate_codes import ScoreBand
from contracts.duplicates import (
    CountedAdmission,
    DuplicateConfirmed,
    DuplicateDismissed,
    DuplicateEvent,
    DuplicateSplit,
    DuplicateSuspected,
)
from contracts.errors import Invalid, Refusal
from services.intake.domain.alias_commands import RecordAlias
from services.intake.domain.commands import BeFoundInEmergency, CorrectIdentity, ExitBeneficiary
from services.intake.domain.duplicate_commands import ConfirmDuplicate, Decision, DismissDuplicate, DuplicateCommand, SplitDuplicate
from services.intake.domain.duplicates import Standing
from services.intake.domain.joint_commands import AgreeToCompare, BeAskedToCompare, DeclineToCompare
from services.intake.domain.person import Exited, InCare
from services.intake.domain.transfer import DeclineTransfer, LapseTransfer, RevokeTransfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.intake.domain.commands import PersonCommand, RecordFact
    from services.intake.domain.duplicate_commands import Candidate, Considered, OtherRecord
    from services.intake.domain.person import Person, Record

_STILL_ALLOWED = (
    ExitBeneficiary,
    BeFoundInEmergency,
    ConfirmDuplicate,
    SplitDuplicate,
    DeclineTransfer,
    RevokeTransfer,
    LapseTransfer,
    BeAskedToCompare,
    AgreeToCompare,
    DeclineToCompare,
)

TO_BE_DECIDED = frozenset({ScoreBand.LIKELY, ScoreBand.VERY_LIKELY})
"""Bands of candidates about whom whoever enrols must say what they think."""


class DuplicateUndecided(Refusal):
    """Somebody is recorded who may be this person, and nothing was said of them: `candidates` are those."""

    code = "duplicate-suspected"

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        """Keep who is to be looked at."""
        super().__init__(
            "somebody is recorded who may be this person: look at each candidate, and say in duplicates_considered what you find"
        )
        self.candidates = tuple(candidates)


class UnknownReference(Invalid):
    """A reference that is no candidate's."""

    code = "unknown-reference"


class NotSuspected(Refusal):
    """Nothing is suspected under this reference, or it was decided."""

    code = "not-suspected"


class RecordedElsewhere(Refusal):
    """The record was confirmed to be the same person's as another, which goes on in its place."""

    code = "recorded-elsewhere"

    def __init__(self, survivor: UUID) -> None:
        """Say where to go."""
        super().__init__(f"this is the same person as {survivor}: record it there; or split the two, if they are two persons")
        self.survivor = survivor


class SamePersonAlready(Refusal):
    """The two records are one person's already."""

    code = "same-person-already"


class DuplicatesOfItsOwn(Refusal):
    """A record in whose place another goes on cannot itself go on in the place of others."""

    code = "duplicates-of-its-own"


class LatestFirst(Refusal):
    """What was confirmed last is split first, so that each admission is counted once all the way back."""

    code = "latest-first"


class NotTheSamePerson(Refusal):
    """The two records were not confirmed to be one person's."""

    code = "not-the-same-person"


def demand_its_place(command: PersonCommand, state: Person) -> None:
    """Refuse what is new on a record in whose place another goes on. Its care may still be ended there, and what was decided, undone.

    A transfer that waits for its answer can come to nothing, and no longer be accepted. A comparison is decided on as on any record, lest
    the other organisation be told which one goes on.
    """
    if isinstance(state, InCare | Exited) and not isinstance(command, _STILL_ALLOWED):
        survivor = state.record.duplicates.survivor(state.record.beneficiary_id)
        if survivor is not None:
            raise RecordedElsewhere(survivor)


def suspected(beneficiary_id: UUID, candidates: Sequence[Candidate], considered: Sequence[Considered]) -> list[DuplicateEvent]:
    """Return what is recorded of the candidates found when a person is enrolled; raises `DuplicateUndecided`, `UnknownReference`."""
    said = {one.reference: one for one in considered}
    if said.keys() - {one.reference for one in candidates}:
        raise UnknownReference(
            "a reference in duplicates_considered is no candidate's: search again, and take the references of the answer"
        )
    if undecided := [one for one in candidates if one.band in TO_BE_DECIDED and one.reference not in said]:
        raise DuplicateUndecided(undecided)
    events: list[DuplicateEvent] = []
    for candidate in candidates:
        if (one := said.get(candidate.reference)) is not None:
            events.append(_suspicion(beneficiary_id, candidate, one.reason))
            if one.decision is Decision.TWO_PERSONS:
                events.append(_dismissal(beneficiary_id, candidate.reference, candidate.other, one.reason))
    return events


def suspected_later(command: RecordFact, record: Record) -> list[DuplicateEvent]:
    """Return whom a corrected identity or another name makes suspect: not those about whom something was suspected, or decided, before."""
    candidates = command.candidates if isinstance(command, CorrectIdentity | RecordAlias) else ()
    known = record.duplicates
    return [
        _suspicion(record.beneficiary_id, one)
        for one in candidates
        if one.band in TO_BE_DECIDED and known.about(one.other) is None and known.confirmed(one.other) is None
    ]


def decide(command: DuplicateCommand, record: Record, *, in_care: bool) -> DuplicateEvent:
    """Return what is decided of two records, on one of both; raises a `Refusal`."""
    match command:
        case DismissDuplicate():
            return _dismiss(command, record)
        case ConfirmDuplicate():
            return _confirm(command, record)
        case SplitDuplicate():
            return _split(command, record, in_care=in_care)
        case _:
            assert_never(command)


def _dismiss(command: DismissDuplicate, record: Record) -> DuplicateDismissed:
    """Return the decision that a suspicion is none; raises `NotSuspected`."""
    for one in record.duplicates.suspicions:
        if one.reference == command.reference and one.standing is Standing.OPEN:
            return _dismissal(record.beneficiary_id, one.reference, one.other, command.reason)
    raise NotSuspected("nothing is open under this reference: read the record again")


def _confirm(command: ConfirmDuplicate, record: Record) -> DuplicateConfirmed:
    """Return, for one of both records, that they are one person's. `command.other` is the other one, as it is recorded now."""
    own, known, other = record.beneficiary_id, record.duplicates, command.other
    if own == other.beneficiary_id or command.survivor_id not in (own, other.beneficiary_id):
        raise Invalid("name two records, and one of both as the survivor")
    if known.confirmed(other.beneficiary_id) is not None:
        raise SamePersonAlready("the two are recorded as one person already")
    if (survivor := known.survivor(own)) is not None:
        raise RecordedElsewhere(survivor)
    goes_on = command.survivor_id == own
    if known.same and not goes_on:
        raise DuplicatesOfItsOwn("other records were confirmed to be this person's: let this one survive, or split those first")
    return DuplicateConfirmed(
        beneficiary_id=own,
        other_id=other.beneficiary_id,
        survivor_id=command.survivor_id,
        episode=record.episode,
        counted_twice=() if goes_on else _counted_twice(record, other),
        also_admitted=other.admitted if goes_on else (),
        reason=command.reason,
    )


def _split(command: SplitDuplicate, record: Record, *, in_care: bool) -> DuplicateSplit:
    """Return, for one of both records, that they are two persons'; raises `NotTheSamePerson`.

    An exit meanwhile ended every place in a programme, also those that counted under the other record.
    """
    confirmed = record.duplicates.confirmed(command.other_id)
    if confirmed is None:
        raise NotTheSamePerson("the two are not recorded as one person: there is nothing to split")
    latest = record.duplicates.same[-1].other
    if latest != command.other_id:
        raise LatestFirst(f"another record was confirmed after this one: split {latest} first")
    return DuplicateSplit(
        beneficiary_id=record.beneficiary_id,
        other_id=command.other_id,
        survivor_id=confirmed.survivor,
        episode=record.episode,
        counts_again=tuple(one.model_copy(update={"current": one.current and in_care}) for one in confirmed.counted_twice),
        reason=command.reason,
    )


def _counted_twice(record: Record, survivor: OtherRecord) -> tuple[CountedAdmission, ...]:
    """Return the record's admissions to programmes to which the survivor was admitted, too: a person counts once for a programme."""
    return tuple(one for one in record.admissions if one.programme in survivor.admitted)


def _suspicion(beneficiary_id: UUID, candidate: Candidate, remarks: str | None = None) -> DuplicateSuspected:
    return DuplicateSuspected(
        beneficiary_id=beneficiary_id,
        reference=candidate.reference,
        organisation=candidate.organisation,
        band=candidate.band,
        matcher=candidate.matcher,
        other=candidate.other,
        score_permille=round(candidate.score * 1000),
        fields=candidate.fields,
        remarks=remarks,
    )


def _dismissal(beneficiary_id: UUID, reference: UUID, other: UUID | None, reason: str) -> DuplicateDismissed:
    return DuplicateDismissed(beneficiary_id=beneficiary_id, reference=reference, other=other, reason=reason)
