"""Two organisations look together whether a record of each is one person's: one asks, the other agrees or declines, each on its own record.

Until both agreed neither sees more than a reference, a band and an organisation; afterwards both see who the other is, for some days.
Whoever asks has agreed by asking, and whoever agreed may think better of it: either closes both records again. What is said of one record
is said of the other in the same append, so that both always tell the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from contracts.duplicate_comparisons import (
    DuplicateComparisonAgreed,
    DuplicateComparisonDeclined,
    DuplicateComparisonEvent,
    DuplicateComparisonRequested,
)
from contracts.errors import Refusal, Unknown
from services.intake.domain.duplicate_decisions import NotSuspected
from services.intake.domain.duplicates import Standing
from services.intake.domain.joint_commands import AgreeToCompare, AskToCompare, BeAskedToCompare, DeclineToCompare, JointCommand
from services.intake.domain.joint_policies import joint_policy
from services.intake.domain.joint_state import RUNNING, JointComparison, JointStatus

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from services.intake.domain.duplicates import Duplicates, Suspicion
    from services.intake.domain.person import Record


class OwnRecords(Refusal):
    """One organisation answers for both records: it needs nobody's agreement."""

    code = "own-records"


class ComparisonRuns(Refusal):
    """The two are being compared already."""

    code = "comparison-runs"


class UnknownComparison(Unknown):
    """Nobody asked to compare this record with the one of this reference."""

    code = "unknown-comparison"


class ComparisonOver(Refusal):
    """It was answered, declined, or its time has passed."""

    code = "comparison-over"


class NotTheOneAsked(Refusal):
    """Whoever asked does not agree for the other."""

    code = "not-the-one-asked"


def decide(command: JointCommand, record: Record) -> DuplicateComparisonEvent:
    """Return what is recorded on one of both records; raises a `Refusal`."""
    match command:
        case AskToCompare():
            suspicion = _suspected(command.reference, record.duplicates)
            asked = BeAskedToCompare(
                reference=suspicion.reference,
                organisation=command.organisation,
                other=_readable(suspicion.other),
                band=suspicion.band,
                matcher=suspicion.matcher,
                on=command.on,
            )
            return _requested(asked, record, asked_by=record.organisation)
        case BeAskedToCompare():
            _still_to_decide(command.other, record)
            return _requested(command, record, asked_by=command.organisation)
        case AgreeToCompare():
            return _agreed(_answerable(command, record), record, command.on)
        case DeclineToCompare():
            running = _compared(command.other, record)
            if running.status(command.on) not in RUNNING:
                raise ComparisonOver("it was declined, or its time has passed: both records are closed to each other")
            return DuplicateComparisonDeclined(beneficiary_id=record.beneficiary_id, reference=running.reference, reason=command.reason)
        case _:
            assert_never(command)


def found(reference: UUID, record: Record) -> JointComparison:
    """Return the comparison with the record of a reference; raises `UnknownComparison`."""
    comparison = record.duplicates.compared(reference=reference)
    if comparison is None:
        raise UnknownComparison("nobody asked to compare this record with that of the reference: read the record again")
    return comparison


def _requested(command: BeAskedToCompare, record: Record, *, asked_by: str) -> DuplicateComparisonRequested:
    if command.organisation == record.organisation:
        raise OwnRecords("your organisation answers for both records: dismiss the suspicion, or confirm it")
    before = record.duplicates.compared(other=command.other)
    if before is not None and before.status(command.on) in RUNNING:
        raise ComparisonRuns("the two are being compared: wait for the answer, or read the comparison")
    policy = joint_policy(command.on)
    return DuplicateComparisonRequested(
        beneficiary_id=record.beneficiary_id,
        reference=command.reference,
        organisation=command.organisation,
        asked_by=asked_by,
        band=command.band,
        matcher=command.matcher,
        lapses_on=policy.lapses_on(command.on),
        policy_version=policy.version,
        other=command.other,
    )


def _agreed(asked_for: JointComparison, record: Record, on: date) -> DuplicateComparisonAgreed:
    policy = joint_policy(on)
    return DuplicateComparisonAgreed(
        beneficiary_id=record.beneficiary_id,
        reference=asked_for.reference,
        organisation=asked_for.organisation,
        shown_until=policy.shown_until(on),
        policy_version=policy.version,
    )


def _compared(other: UUID, record: Record) -> JointComparison:
    comparison = record.duplicates.compared(other=other)
    if comparison is None:
        raise UnknownComparison("nobody asked to compare these two records: read the record again")
    return comparison


def _answerable(command: AgreeToCompare, record: Record) -> JointComparison:
    comparison = _compared(command.other, record)
    if comparison.status(command.on) is not JointStatus.REQUESTED:
        raise ComparisonOver("the request was answered, or has lapsed: ask anew, if the two are still to be compared")
    if command.by == comparison.asked_by:
        raise NotTheOneAsked("whoever asked has agreed by asking: the other organisation answers")
    if not _same_parties(comparison, record.organisation, command.by):
        raise ComparisonOver("another organisation answers for one of the two records now: ask anew")
    return comparison


def _same_parties(comparison: JointComparison, own: str, answering: str) -> bool:
    """Tell whether the record is still of the organisation that asked, or was asked, and the one that was asked answers."""
    if comparison.organisation == comparison.asked_by:
        return answering == own
    return (own, answering) == (comparison.asked_by, comparison.organisation)


def _suspected(reference: UUID, known: Duplicates) -> Suspicion:
    suspicion = known.under(reference)
    if suspicion is None or suspicion.standing is not Standing.OPEN:
        raise NotSuspected("nothing is open under this reference: read the record again")
    return suspicion


def _still_to_decide(other: UUID, record: Record) -> None:
    if record.duplicates.survivor(record.beneficiary_id) is not None:
        raise NotSuspected("the other record goes on under another one: search again, and compare with that")
    suspicion = record.duplicates.about(other)
    if suspicion is not None and suspicion.standing is not Standing.OPEN:
        raise NotSuspected("the other organisation has decided on the two already: dismiss the suspicion, if they are two persons")


def _readable(other: UUID | None) -> UUID:
    if other is None:
        raise NotSuspected("which record was suspected cannot be read any more")
    return other
