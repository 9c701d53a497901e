"""What the tutors service publishes about the follow-up of tutors: their expenses, who follows them, pauses of the clocks of silence.

Beside tutor and assignment, two streams of an organisation: its register (which resolutions stand), and each supervisor, who is named by
the pseudonym by which events name their actor. Why somebody is absent is nobody's business: it is not recorded.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.assignments import BeneficiaryNotes
from contracts.event import Event
from contracts.fields import AssignmentId, BeneficiaryId, Organisation, PolicyVersion, TutorId
from contracts.pathway_values import Cents, Code, Evidence
from contracts.personal import DataClass, Personal
from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof, PauseReason, ResolvingBody, SupervisorReason
from contracts.tutors import TutorNotes

Supervisor = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$"),
    Field(description="the coordinator who follows tutors, by the pseudonym by which events name them"),
]
ResolutionId = Annotated[UUID, Field(description="the resolution of the organisation's body")]
ExpenseId = Annotated[UUID, Field(description="the expense")]
AbsenceId = Annotated[UUID, Field(description="the absence")]


class ResolutionAdopted(Event, type="tutors.resolution_adopted"):
    """The competent body resolved for which kinds of expense a volunteer's own declaration suffices (D.Lgs. 117/2017 art. 17 c. 4)."""

    organisation: Organisation
    resolution_id: ResolutionId
    body: ResolvingBody = Field(description="which body resolved")
    adopted_on: date = Field(description="the day of the resolution; it holds from then on")
    kinds: Annotated[tuple[ExpenseKind, ...], Field(min_length=1, description="the kinds of expense that it names")]
    minutes: Code = Field(description="number of the minutes in which it stands")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="of the file of the minutes, if one is kept"
    )


class ResolutionRevoked(Event, type="tutors.resolution_revoked"):
    """A resolution holds no longer, from `revoked_on` on. What was declared under it before stands."""

    organisation: Organisation
    resolution_id: ResolutionId
    revoked_on: date = Field(description="the first day on which it does not hold")


class ExpenseDeclared(Event, type="tutors.expense_declared"):
    """A volunteer spent money of their own for what they do as a tutor, on one day, and declares it: never a flat sum.

    Documented, with a reference to the receipt; or self-declared, within the limits of the policy and under a resolution.
    """

    tutor_id: TutorId
    expense_id: ExpenseId
    kind: ExpenseKind = Field(description="what the money was spent on")
    proof: ExpenseProof = Field(description="what the expense rests on")
    amount_cents: Cents
    spent_on: date = Field(description="the day on which it was spent")
    assignment_id: UUID | None = Field(default=None, description="the assignment for which it was spent, where it was for one")
    volunteer_id: UUID | None = Field(default=None, description="which of a group's or association's named volunteers spent it")
    resolution_id: UUID | None = Field(default=None, description="the resolution under which it is self-declared; None where documented")
    policy_version: PolicyVersion
    receipt: Annotated[Evidence | None, Personal(DataClass.EVIDENCE, subject="tutor_id")] = Field(
        default=None, description="where the receipt is kept"
    )
    notes: Annotated[str | None, TutorNotes] = Field(default=None, description="what it was for, in words")


class ExpenseWithdrawn(Event, type="tutors.expense_withdrawn"):
    """A declared expense does not stand: it was entered wrongly. It counts towards no limit any more; the entry stays in the history."""

    tutor_id: TutorId
    expense_id: ExpenseId
    reason: Annotated[str | None, TutorNotes] = Field(default=None, description="what was wrong, in words")


class SupervisorEnrolled(Event, type="tutors.supervisor_enrolled"):
    """A coordinator of the organisation follows tutors from now on. Opens the stream."""

    organisation: Organisation
    supervisor: Supervisor


class TutorEntrusted(Event, type="tutors.tutor_entrusted"):
    """A tutor is this supervisor's to follow; stored in one append with SupervisorChanged."""

    organisation: Organisation
    supervisor: Supervisor
    tutor_id: TutorId


class TutorHandedBack(Event, type="tutors.tutor_handed_back"):
    """A tutor is this supervisor's to follow no longer; stored in one append with SupervisorChanged."""

    organisation: Organisation
    supervisor: Supervisor
    tutor_id: TutorId


class SupervisorAbsenceRecorded(Event, type="tutors.supervisor_absence_recorded"):
    """A supervisor is away from a day to a day, both included; somebody who is there follows their tutors meanwhile."""

    organisation: Organisation
    supervisor: Supervisor
    absence_id: AbsenceId
    absent_from: date = Field(description="first day of the absence")
    absent_until: date = Field(description="its last day")
    substitute: str = Field(description="who follows their tutors meanwhile, by pseudonym", pattern=r"^[\x21-\x7e]{1,128}$")


class SubstituteNamed(Event, type="tutors.substitute_named"):
    """A supervisor stands in for another who is away; stored in one append with SupervisorAbsenceRecorded."""

    organisation: Organisation
    supervisor: Supervisor
    absence_id: AbsenceId
    instead_of: str = Field(description="who is away, by pseudonym", pattern=r"^[\x21-\x7e]{1,128}$")
    absent_from: date = Field(description="first day of the absence")
    absent_until: date = Field(description="its last day")


class SupervisorChanged(Event, type="tutors.supervisor_changed"):
    """Another coordinator follows the tutor from `since` on: because somebody named them, or for the time of an absence and back."""

    tutor_id: TutorId
    supervisor: Supervisor
    since: date = Field(description="the day from which they follow the tutor")
    reason: SupervisorReason = Field(description="why it changed")


class SilencePaused(Event, type="tutors.silence_paused"):
    """The clocks of silence stand still, both days included, for a reason. On the day after, all three begin anew."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    paused_from: date = Field(description="first day of the pause")
    paused_until: date = Field(description="its last day")
    reason: PauseReason = Field(description="why nothing is expected meanwhile")
    policy_version: PolicyVersion
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="what led to it, in words")


class SilenceResumed(Event, type="tutors.silence_resumed"):
    """A pause ended before its last day: the clocks of silence begin anew on `resumed_on`."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    resumed_on: date = Field(description="the first day on which the clocks run again")
