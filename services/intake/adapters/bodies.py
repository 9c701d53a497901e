"""The bodies of intake's commands, and how each part becomes a plain value of the domain."""

from __future__ import annotations

from typing import Annotated

from pydantic import UUID4, Field, StringConstraints

from contracts.envelope import Precision
from contracts.intake_codes import (
    Destination,
    DocumentKind,
    ExitReason,
    FamilyRelation,
    LeaveReason,
    NoticeChannel,
    ProtectionStatus,
    Sex,
    SpecialNeed,
)
from services._runtime.web.bodies import Body, Code, CommandBody, Day, Flag, Line, Prose
from services.intake.domain.commands import ContactDetails, Identity

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(description="ISO 639 code")]
Languages = Annotated[tuple[Language, ...], Field(max_length=20, description="ISO 639 codes, the best understood first")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 3166-1 alpha-3; XXA is stateless")]
Province = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="the province's code")]
Istat = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Field(description="the municipality's ISTAT code")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,189}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ]{5,20}$")]
TaxCodeText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z ]{11,20}$")]


class IdentityBody(Body):
    """Who a person is."""

    sex: Sex
    given_names: Line | None = None
    family_name: Line | None = None
    birth_date: Annotated[Day, Field(description="its first day where only the month or year is known")]
    birth_date_precision: Precision = Precision.DAY
    citizenship: Country | None = None

    def identity(self) -> Identity:
        """Return it as the domain's value."""
        return Identity(
            sex=self.sex,
            given_names=self.given_names,
            family_name=self.family_name,
            birth_date=self.birth_date,
            birth_date_precision=self.birth_date_precision,
            citizenship=self.citizenship,
        )


class ContactBody(Body):
    """How a person is reached."""

    languages: Languages = ()
    email: Email | None = None
    phone: Phone | None = None
    address: Line | None = None

    def details(self) -> ContactDetails:
        """Return it as the domain's value."""
        return ContactDetails(languages=self.languages, email=self.email, phone=self.phone, address=self.address)


class PrivacyNotice(CommandBody):
    """The privacy notice, as it was given."""

    notice_version: Code
    language: Language
    how: NoticeChannel
    mediator: Flag


class Enrolment(CommandBody):
    """The beginning of care."""

    territory: Province
    municipality: Istat | None = None
    identity: IdentityBody
    contact: ContactBody = ContactBody()
    tax_code: TaxCodeText | None = None


class Readmission(CommandBody):
    """The beginning of care after an exit."""

    territory: Province
    municipality: Istat | None = None


class Exit(CommandBody):
    """The end of care."""

    reason: ExitReason
    destination: Destination
    remarks: Prose | None = None


class ProtectionStatusBody(CommandBody):
    """The status a person holds."""

    status: ProtectionStatus
    granted_on: Day | None = None


class ReceptionExit(CommandBody):
    """The exit from reception: `occurred_on` is its day."""


class Admission(CommandBody):
    """The admission to a programme: `occurred_on` is the reference day. `derogation` gives the grounds for one."""

    programme: Code
    derogation: Prose | None = None


class ProgrammeLeave(CommandBody):
    """The leaving of a programme."""

    programme: Code
    reason: LeaveReason


class IdentityCorrection(CommandBody):
    """The identity as it is known now, in full."""

    identity: IdentityBody
    reason: Prose


class TaxCodeBody(CommandBody):
    """The codice fiscale, provisional or definitive."""

    tax_code: TaxCodeText


class ContactChange(CommandBody):
    """How the person is reached now, in full."""

    contact: ContactBody


class Document(CommandBody):
    """A document's particulars."""

    document_id: UUID4
    kind: DocumentKind
    number: Line | None = None
    issuer: Line | None = None
    issued_on: Day | None = None
    expires_on: Day | None = None


class Vulnerability(CommandBody):
    """The person's special needs as they are known now, in full."""

    needs: Annotated[tuple[SpecialNeed, ...], Field(max_length=20)]
    words: Prose | None = None


class Residence(CommandBody):
    """The civil registration."""

    municipality: Istat
    address: Line | None = None


class HouseholdLink(CommandBody):
    """The household a person belongs to."""

    household_id: UUID4
    relation: FamilyRelation


class Note(CommandBody):
    """A note in words."""

    text: Prose


class HouseholdForming(CommandBody):
    """The beginning of a household."""

    territory: Province
