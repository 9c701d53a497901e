"""What a person's present state allows: each command is answered with events, or with a refusal that says what to do instead."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from contracts.errors import Invalid, Refusal
from contracts.intake import (
    BeneficiaryEnrolled,
    BeneficiaryExited,
    BeneficiaryReadmitted,
    EligibilityAssessed,
    NoticeGiven,
    PersonEvent,
    ProgrammeAdmitted,
    ProgrammeLeft,
)
from contracts.intake_codes import EligibilityOutcome, LeaveReason
from contracts.referrals import PersonReferred
from services.intake.domain import documents, emergency, joint_comparison, transfer
from services.intake.domain import duplicate_decisions as duplicates
from services.intake.domain.commands import (
    AdmitToProgramme,
    BeFoundInEmergency,
    BeginByReferral,
    EnrolBeneficiary,
    ExitBeneficiary,
    GiveNotice,
    Identity,
    LeaveProgramme,
    PersonCommand,
    ReadmitBeneficiary,
)
from services.intake.domain.disclosure_commands import AuthoriseDisclosure, WithdrawDisclosure
from services.intake.domain.document_commands import RemindOfExpiry
from services.intake.domain.duplicate_commands import ConfirmDuplicate, DismissDuplicate, SplitDuplicate
from services.intake.domain.eligibility import age_band, assess, policy_for
from services.intake.domain.facts import check_identity, fact
from services.intake.domain.joint_commands import AgreeToCompare, AskToCompare, BeAskedToCompare, DeclineToCompare
from services.intake.domain.person import Exited, InCare, Informed, Person, Record, Referred, Unrecorded, responsible
from services.intake.domain.places import clear_and_sealed, territory
from services.intake.domain.tax_code import read_tax_code
from services.intake.domain.transfer import AcceptTransfer, DeclineTransfer, LapseTransfer, RequestTransfer, RevokeTransfer


class NoticeMissing(Refusal):
    """Enrolment requires the privacy notice."""

    code = "notice-missing"


class AlreadyRecorded(Refusal):
    """A record of the person has begun."""

    code = "already-recorded"


class AlreadyEnrolled(Refusal):
    """The person is in care already."""

    code = "already-enrolled"


class NotEnrolled(Refusal):
    """The person was never enrolled."""

    code = "not-enrolled"


class CareEnded(Refusal):
    """The person has left care, and their record rests: a readmission comes first."""

    code = "care-ended"


class NotExited(Refusal):
    """Only who has left care can be readmitted."""

    code = "not-exited"


class AlreadyAdmitted(Refusal):
    """A person counts once for a programme."""

    code = "already-admitted"


class NotInProgramme(Refusal):
    """The person is not in this programme now."""

    code = "not-in-programme"


class BirthDateMissing(Refusal):
    """The funder's age band needs a birth date, and none is readable."""

    code = "birth-date-missing"


def decide(command: PersonCommand, state: Person) -> list[PersonEvent]:  # noqa: C901, PLR0911, PLR0912 - one answer for each command
    """Return the events that the command leads to; raises a `Refusal`."""
    duplicates.demand_its_place(command, state)
    match command:
        case BeginByReferral():
            return [_begin(command, state)]
        case GiveNotice():
            return [_notice(command, state)]
        case EnrolBeneficiary():
            return _enrol(command, state)
        case ReadmitBeneficiary():
            return [_readmit(command, state)]
        case AdmitToProgramme():
            return _admit(command, _in_care(state))
        case LeaveProgramme():
            return [_leave(command, _in_care(state))]
        case ExitBeneficiary():
            return _exit(command, _in_care(state))
        case RemindOfExpiry():
            return list(documents.reminders(command, state))
        case RequestTransfer() | AcceptTransfer() | DeclineTransfer() | RevokeTransfer() | LapseTransfer():
            return [*transfer.decide(command, _in_care(state))]
        case BeFoundInEmergency():
            emergency.found(command, state)
            return []
        case DismissDuplicate() | ConfirmDuplicate() | SplitDuplicate():
            return [duplicates.decide(command, _recorded(state), in_care=isinstance(state, InCare))]
        case AuthoriseDisclosure() | WithdrawDisclosure():
            return [fact(command, _recorded(state))]
        case AskToCompare() | BeAskedToCompare() | AgreeToCompare() | DeclineToCompare():
            return [joint_comparison.decide(command, _recorded(state))]
        case _:
            record = _in_care(state)
            return [fact(command, record), *duplicates.suspected_later(command, record)]


def _begin(command: BeginByReferral, state: Person) -> PersonReferred:
    if not isinstance(state, Unrecorded):
        raise AlreadyRecorded("a record of the person has begun: go on with it")
    return PersonReferred(
        beneficiary_id=command.beneficiary_id,
        referral_id=command.referral_id,
        organisation=command.organisation,
        territory=command.territory,
    )


def _notice(command: GiveNotice, state: Person) -> NoticeGiven:
    return NoticeGiven(
        beneficiary_id=command.beneficiary_id,
        organisation=responsible(state) or command.organisation,
        notice_version=command.notice_version,
        how=command.how,
        mediator=command.mediator,
        language=command.language,
    )


def _enrol(command: EnrolBeneficiary, state: Person) -> list[PersonEvent]:
    match state:
        case Unrecorded() | Referred():
            raise NoticeMissing("the privacy notice comes first: record that it was given, then enrol")
        case InCare():
            raise AlreadyEnrolled("the person is in care: record what is new, or correct what is wrong")
        case Exited():
            raise AlreadyEnrolled("the person was enrolled before and has left: readmit them")
        case Informed():
            enrolled = _enrolment(command)
            return [enrolled, *duplicates.suspected(command.beneficiary_id, command.candidates, command.considered)]
        case _:
            assert_never(state)


def _enrolment(command: EnrolBeneficiary) -> BeneficiaryEnrolled:
    check_identity(command.identity, command.on)
    clear, sealed = clear_and_sealed(command.municipality)
    who, contact = command.identity, command.contact
    return BeneficiaryEnrolled(
        beneficiary_id=command.beneficiary_id,
        episode=1,
        organisation=command.organisation,
        territory=territory(command.territory),
        municipality=clear,
        other_municipality=sealed,
        sex=who.sex,
        given_names=who.given_names,
        family_name=who.family_name,
        birth_date=who.birth_date,
        birth_date_precision=who.birth_date_precision,
        citizenship=who.citizenship,
        tax_code=None if command.tax_code is None else read_tax_code(command.tax_code).text,
        languages=contact.languages,
        email=contact.email,
        phone=contact.phone,
        address=contact.address,
    )


def _readmit(command: ReadmitBeneficiary, state: Person) -> BeneficiaryReadmitted:
    match state:
        case Unrecorded() | Referred() | Informed():
            raise NotEnrolled("the person was never enrolled: enrol them")
        case InCare():
            raise NotExited("the person is in care: there is nothing to readmit them to")
        case Exited(record):
            clear, sealed = clear_and_sealed(command.municipality)
            return BeneficiaryReadmitted(
                beneficiary_id=command.beneficiary_id,
                episode=record.episode + 1,
                organisation=command.organisation,
                territory=territory(command.territory),
                municipality=clear,
                other_municipality=sealed,
            )
        case _:
            assert_never(state)


def _admit(command: AdmitToProgramme, record: Record) -> list[PersonEvent]:
    """Assess and, where the policy allows, admit. An assessment that does not admit is recorded all the same."""
    if command.programme in record.admitted or command.programme in record.duplicates.also_admitted:
        raise AlreadyAdmitted("the person was admitted to this programme before, and counts once")
    policy = policy_for(command.programme, command.reference_date)
    outcome = assess(
        policy,
        status=None if record.protection is None else record.protection.status,
        exited_reception_on=record.reception_exit,
        on=command.reference_date,
        derogated=command.derogation is not None,
    )
    assessed = EligibilityAssessed(
        beneficiary_id=record.beneficiary_id,
        programme=policy.programme,
        policy_version=policy.version,
        reference_date=command.reference_date,
        outcome=outcome,
        grounds=command.derogation,
    )
    if outcome in (EligibilityOutcome.ELIGIBLE, EligibilityOutcome.BY_DEROGATION):
        return [assessed, _admission(assessed, record)]
    return [assessed]


def _admission(assessed: EligibilityAssessed, record: Record) -> ProgrammeAdmitted:
    return ProgrammeAdmitted(
        beneficiary_id=record.beneficiary_id,
        programme=assessed.programme,
        policy_version=assessed.policy_version,
        reference_date=assessed.reference_date,
        outcome=assessed.outcome,
        sex=record.identity.sex,
        age_band=age_band(_birth_date(record.identity, assessed.reference_date), assessed.reference_date),
        international_protection=record.protection is not None and record.protection.international_protection,
    )


def _birth_date(identity: Identity, on: date) -> date:
    if identity.birth_date is None:
        raise BirthDateMissing("no birth date can be read, and the age band needs one: correct the identity first")
    if identity.birth_date > on:
        raise Invalid("the reference date is before the person's birth: check the day")
    return identity.birth_date


def _leave(command: LeaveProgramme, record: Record) -> ProgrammeLeft:
    if command.programme not in record.current:
        raise NotInProgramme("the person is not in this programme: check its code")
    return ProgrammeLeft(beneficiary_id=record.beneficiary_id, programme=command.programme, reason=command.reason)


def _exit(command: ExitBeneficiary, record: Record) -> list[PersonEvent]:
    exited = BeneficiaryExited(
        beneficiary_id=record.beneficiary_id,
        episode=record.episode,
        reason=command.reason,
        destination=command.destination,
        remarks=command.remarks,
    )
    left = [ProgrammeLeft(beneficiary_id=record.beneficiary_id, programme=each, reason=LeaveReason.EXIT) for each in record.current]
    return [*transfer.ended_by_exit(record), *left, exited]


def _in_care(state: Person) -> Record:
    match state:
        case InCare(record):
            return record
        case Exited():
            raise CareEnded("the person has left care: readmit them first")
        case Unrecorded() | Referred() | Informed():
            raise NotEnrolled("the person is not enrolled: enrol them first")
        case _:
            assert_never(state)


def _recorded(state: Person) -> Record:
    """Return the record, in care or after: of what outlives care, as which records are one person's and who else may read them."""
    return state.record if isinstance(state, Exited) else _in_care(state)
