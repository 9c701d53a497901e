"""The bodies about records that may be one person's, and what may be told of a candidate to whom."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

from pydantic import UUID4, BaseModel, Field

from contracts.duplicate_codes import ScoreBand
from contracts.duplicates import FieldsCompared
from contracts.envelope import Precision
from services._runtime.web.bodies import Body, CommandBody, Prose
from services.intake.adapters.bodies import Enrolment, IdentityBody, TaxCodeText
from services.intake.domain.duplicate_commands import Considered, Decision
from services.intake.domain.duplicate_decisions import TO_BE_DECIDED

if TYPE_CHECKING:
    from services.intake.domain.comparing import Known
    from services.intake.domain.duplicate_commands import Candidate
    from services.intake.projections.duplicates import Found


class ConsideredBody(Body):
    """What whoever enrols says of a candidate, and why."""

    reference: UUID
    decision: Decision
    reason: Prose

    def considered(self) -> Considered:
        """Return it as the domain's value."""
        return Considered(reference=self.reference, decision=self.decision, reason=self.reason)


class EnrolmentBody(Enrolment):
    """The beginning of care, and what was found of those who may be the same person."""

    duplicates_considered: Annotated[tuple[ConsideredBody, ...], Field(max_length=50)] = ()


class DuplicateSearch(Body):
    """Who is asked about; `beneficiary_id`, where they are recorded, leaves them and those who were told apart from them out."""

    identity: IdentityBody
    tax_code: TaxCodeText | None = None
    beneficiary_id: UUID4 | None = None


class DuplicateDismissalBody(CommandBody):
    """Which suspicion is none, and why."""

    reference: UUID
    reason: Prose


class DuplicateConfirmationBody(CommandBody):
    """Which other record is the same person's, which of both goes on, and how it is known."""

    other_id: UUID4
    survivor_id: UUID4
    reason: Prose


class DuplicateSplitBody(CommandBody):
    """Which record is another person's after all, and what was wrong."""

    other_id: UUID4
    reason: Prose


class SuspectedRecord(BaseModel):
    """What every organisation may know of a candidate: an opaque reference, how much speaks for it, and who answers for the record."""

    reference: UUID
    organisation: str
    band: ScoreBand

    @classmethod
    def of(cls, candidate: Candidate) -> SuspectedRecord:
        """Return it of a candidate."""
        return SuspectedRecord(reference=candidate.reference, organisation=candidate.organisation, band=candidate.band)


class OtherName(BaseModel):
    """Another name under which somebody is known; null where it has none, or it cannot be read any more."""

    given_names: str | None
    family_name: str | None

    @classmethod
    def all_of(cls, known: Known) -> list[Self]:
        """Return every other name of somebody."""
        return [cls(given_names=given, family_name=family) for given, family in known.also]


class OwnRecord(BaseModel):
    """What the organisation that answers for a candidate may know beside it: who it is, and how each field compares.

    Names are compared as they speak most for one person: the one on the document, or one of those in `also_known_as`.
    """

    beneficiary_id: UUID
    score: float
    fields: FieldsCompared
    given_names: str | None
    family_name: str | None
    also_known_as: list[OtherName]
    birth_date: date | None
    birth_date_precision: Precision | None


class CandidateAnswer(SuspectedRecord):
    """A candidate; `own` is null where another organisation answers for the record."""

    own: OwnRecord | None

    @classmethod
    def to(cls, found: Found, organisation: str | None) -> Self:
        """Return what an organisation may know of a candidate; without one, what anybody may."""
        one, identity = found.candidate, found.known.identity
        own = OwnRecord(
            beneficiary_id=one.other,
            score=one.score,
            fields=one.fields,
            given_names=identity.given_names,
            family_name=identity.family_name,
            also_known_as=OtherName.all_of(found.known),
            birth_date=identity.birth_date,
            birth_date_precision=identity.birth_date_precision,
        )
        known = own if one.organisation == organisation else None
        return cls(reference=one.reference, organisation=one.organisation, band=one.band, own=known)


class CandidatesAnswer(BaseModel):
    """Who may be the same person, the likeliest first."""

    candidates: list[CandidateAnswer]


def told_across(candidate: Candidate, organisation: str) -> bool:
    """Tell whether an organisation is told of a candidate: of another's, only where much speaks for it, lest anybody guess."""
    return candidate.organisation == organisation or candidate.band in TO_BE_DECIDED
