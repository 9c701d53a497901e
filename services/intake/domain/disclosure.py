"""Disclosure of a person's data to another organisation: authorised for a purpose and classes until a day, withdrawn at any time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from contracts.disclosures import DisclosureAuthorised, DisclosureEvent, DisclosureWithdrawn
from contracts.errors import Invalid, Refusal
from contracts.personal import DataClass
from contracts.purpose_codes import Purpose
from contracts.reference import consortium
from services.intake.domain.disclosure_commands import AuthoriseDisclosure, DisclosureCommand, WithdrawDisclosure
from services.intake.domain.person import Record

DISCLOSABLE = frozenset(
    {DataClass.IDENTITY, DataClass.CONTACT, DataClass.PROTECTION, DataClass.VULNERABILITY, DataClass.NOTES},
)
"""The classes of which intake holds anything."""

PURPOSES = (Purpose.INTEGRATION, Purpose.HOUSING, Purpose.SCHOOL)
"""The purposes for which those act who read what is disclosed; for another one nobody could."""


class UnknownRecipient(Invalid):
    """No partner of the consortium has this code."""

    code = "unknown-recipient"


class OwnOrganisation(Refusal):
    """The organisation that answers for the person needs no authorisation."""

    code = "own-organisation"


class AlreadyAuthorised(Refusal):
    """An authorisation for this recipient and purpose is in force, or the id was used before."""

    code = "disclosure-authorised"


class NotAuthorised(Refusal):
    """There is no such authorisation, or it was withdrawn before."""

    code = "disclosure-not-authorised"


def disclosure(command: DisclosureCommand, record: Record) -> DisclosureEvent:
    """Return what the command leads to; raises a `Refusal`."""
    return _authorised(command, record) if isinstance(command, AuthoriseDisclosure) else _withdrawn(command, record)


def in_force(events: Iterable[DisclosureEvent], *, recipient: str, purpose: str, on: date) -> DisclosureAuthorised | None:
    """Return the authorisation by which a recipient may read for a purpose on a day; None where there is none (any more)."""
    known: dict[object, DisclosureAuthorised] = {}
    for event in events:
        if isinstance(event, DisclosureWithdrawn):
            known.pop(event.authorisation_id, None)
        elif (event.recipient, event.purpose) == (recipient, purpose) and on <= event.expires_on:
            known[event.authorisation_id] = event
    return next(reversed(known.values()), None)


def _authorised(command: AuthoriseDisclosure, record: Record) -> DisclosureAuthorised:
    if command.recipient == record.organisation:
        raise OwnOrganisation("your organisation answers for this person, and reads the record as it is: choose another recipient")
    if command.recipient not in {partner.code for partner in consortium().partners}:
        raise UnknownRecipient("no partner of the consortium has this code: check the recipient")
    if not command.classes or not set(command.classes) <= DISCLOSABLE:
        raise Invalid(f"name classes of which intake holds data: {', '.join(sorted(DISCLOSABLE))}")
    if command.purpose not in PURPOSES:
        raise Invalid(f"name a purpose for which a recipient reads: {', '.join(PURPOSES)}")
    if command.expires_on < command.on:
        raise Invalid("an authorisation lasts until today at least: check its last day")
    used = any(each.authorisation_id == command.authorisation_id for each in record.disclosures)
    if used or in_force(record.disclosures, recipient=command.recipient, purpose=command.purpose, on=command.on) is not None:
        raise AlreadyAuthorised("one is in force for this recipient and purpose, or has this id: withdraw it first, and take a new id")
    return DisclosureAuthorised(
        beneficiary_id=record.beneficiary_id,
        authorisation_id=command.authorisation_id,
        recipient=command.recipient,
        purpose=command.purpose,
        classes=tuple(sorted(set(command.classes))),
        legal_basis=command.legal_basis,
        expires_on=command.expires_on,
    )


def _withdrawn(command: WithdrawDisclosure, record: Record) -> DisclosureWithdrawn:
    asked = command.authorisation_id
    known = {each.authorisation_id: each for each in record.disclosures}
    if not isinstance(known.get(asked), DisclosureAuthorised):
        raise NotAuthorised("no authorisation of this id is open: it was never given, or withdrawn before")
    return DisclosureWithdrawn(beneficiary_id=record.beneficiary_id, authorisation_id=asked, by=command.by)
