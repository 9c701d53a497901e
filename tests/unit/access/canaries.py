"""Records that hold a canary of each class of personal data that their events have, and what stands in the relations to a caller."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.disclosure_codes import LegalBasis
from contracts.disclosures import DisclosureAuthorised
from contracts.duplicate_codes import ScoreBand
from contracts.duplicate_comparisons import DuplicateComparisonAgreed, DuplicateComparisonRequested
from contracts.emergency import EmergencyAccessOpened
from contracts.emergency_codes import EmergencyGround
from contracts.intake import NoteAdded, VulnerabilityRecorded
from contracts.matching import TutorWishDescribed
from contracts.pathway_values import Evidence, Reserved
from contracts.pathways import GoalSet, MilestoneReached, NeedsAssessed, PlanProposed
from contracts.personal import DataClass
from contracts.safeguarding import ConcernRaised
from contracts.teams import TeamAssigned, TeamFormed, TeamMemberJoined
from contracts.tutor_follow_up import ExpenseDeclared
from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof
from services._runtime.clock import SystemClock, day_of
from services._runtime.ids import new_id
from services.intake.domain.disclosure import DISCLOSABLE
from tests.unit.intake.examples import ENROLLED, NOTICE, PERSON_ID, RECEIVED, REFUGEE
from tests.unit.pathways.cases import IDS, OPEN, PATHWAY
from tests.unit.tutors.cases import ASSIGNED, BENEFICIARY_ID, INTERVIEWED, REGISTERED, REQUEST_ID, REQUESTED, TODAY, TUTOR_ID, VETTED, met

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.event import Event

PROTECTED_SINCE = date(1904, 5, 6)
CANARIES: Mapping[DataClass, str] = {
    **{one: f"canary-of-{one}" for one in DataClass},
    DataClass.PROTECTION: PROTECTED_SINCE.isoformat(),
}
"""What is looked for in answers; a status of protection is a code, so that its day stands for it."""

_PERSON: Sequence[Event] = (
    NOTICE,
    ENROLLED.model_copy(update={"family_name": CANARIES[DataClass.IDENTITY], "phone": CANARIES[DataClass.CONTACT]}),
    REFUGEE.model_copy(update={"granted_on": PROTECTED_SINCE}),
    VulnerabilityRecorded(beneficiary_id=PERSON_ID, words=CANARIES[DataClass.VULNERABILITY]),
    NoteAdded(beneficiary_id=PERSON_ID, text=CANARIES[DataClass.NOTES]),
)
_PATHWAY: Sequence[Event] = (
    *PATHWAY.decide(OPEN, PATHWAY.initial),
    NeedsAssessed(
        **IDS,
        assessment_id=new_id(),
        instrument="needs-and-resources",
        instrument_version="1.0",
        respondent="worker",
        moment="baseline",
        scores={},
        sensitive_scores={CANARIES[DataClass.HEALTH]: 3},
        notes=CANARIES[DataClass.NOTES],
    ),
    GoalSet(
        **IDS,
        goal_id=new_id(),
        dimension="socio-relational",
        area=None,
        reserved=Reserved(area="health", text=CANARIES[DataClass.HEALTH]),
    ),
    PlanProposed(
        **IDS,
        plan_version=1,
        author="worker-2",
        wants_tutor=False,
        language=CANARIES[DataClass.IDENTITY],
        summary=CANARIES[DataClass.NOTES],
    ),
    MilestoneReached(
        **IDS,
        milestone_id=new_id(),
        dimension="socio-economic",
        area="language",
        milestone="italian-a1",
        evidence=Evidence(kind="certificate", holder=CANARIES[DataClass.EVIDENCE], date=date(2021, 4, 2)),
    ),
    ConcernRaised(**IDS, concern_id=new_id(), kind="exploitation", description=CANARIES[DataClass.SAFEGUARDING]),
)
_TUTOR: Sequence[Event] = (
    REGISTERED.model_copy(update={"name": CANARIES[DataClass.IDENTITY], "email": CANARIES[DataClass.CONTACT]}),
    INTERVIEWED.model_copy(update={"notes": CANARIES[DataClass.NOTES]}),
    VETTED.model_copy(update={"notes": CANARIES[DataClass.JUDICIAL]}),
    ExpenseDeclared(
        tutor_id=TUTOR_ID,
        expense_id=new_id(),
        kind=ExpenseKind.MEALS,
        proof=ExpenseProof.DOCUMENTED,
        amount_cents=900,
        spent_on=TODAY,
        policy_version="2021-1",
        receipt=Evidence(kind="receipt", holder=CANARIES[DataClass.EVIDENCE], date=TODAY),
        notes=CANARIES[DataClass.NOTES],
    ),
)
_REQUEST: Sequence[Event] = (
    REQUESTED,
    TutorWishDescribed(
        request_id=REQUEST_ID,
        beneficiary_id=BENEFICIARY_ID,
        languages=(CANARIES[DataClass.IDENTITY],),
        municipality=CANARIES[DataClass.CONTACT],
    ),
)
_ASSIGNMENT: Sequence[Event] = (ASSIGNED, met(TODAY).model_copy(update={"notes": CANARIES[DataClass.NOTES]}))

_REFERRAL: Sequence[Event] = (
    RECEIVED.model_copy(
        update={
            "family_name": CANARIES[DataClass.IDENTITY],
            "phone": CANARIES[DataClass.CONTACT],
            "reason": CANARIES[DataClass.NOTES],
        }
    ),
)

RECORDS: Mapping[str, tuple[str, Sequence[Event]]] = {
    "beneficiary_id": ("person", _PERSON),
    "referral_id": ("referral", _REFERRAL),
    "pathway_id": ("pathway", _PATHWAY),
    "tutor_id": ("tutor", _TUTOR),
    "request_id": ("request", _REQUEST),
    "assignment_id": ("assignment", _ASSIGNMENT),
}
"""The parameter of a path → the streams that it names, and events that hold something of each class that such a record can hold."""


def planted() -> frozenset[DataClass]:
    """Return the classes of which some record holds something."""
    events = [event for _, events in RECORDS.values() for event in events]
    present = {mark.data_class for event in events for name, mark in event.personal_fields.items() if getattr(event, name) is not None}
    return frozenset(present)


def emergency(emergency_id: UUID, beneficiary_id: UUID, organisation: str, by: str) -> EmergencyAccessOpened:
    """Return that an emergency access was opened to somebody just now."""
    now = SystemClock().now().astimezone(UTC)
    return EmergencyAccessOpened(
        emergency_id=emergency_id,
        beneficiary_id=beneficiary_id,
        organisation=organisation,
        opened_by=by,
        ground=EmergencyGround.HOSPITAL,
        until=_after(now, minutes=60),
        review_due=_after(now, minutes=72 * 60),
        words=CANARIES[DataClass.NOTES],
    )


def team_of(team_id: UUID, organisation: str, member: str, member_of: str) -> Sequence[Event]:
    """Return a team of an organisation in which somebody of another is a member."""
    since = day_of(SystemClock().now()) - timedelta(days=30)
    return (
        TeamFormed(team_id=team_id, organisation=organisation, territory="PR"),
        TeamMemberJoined(team_id=team_id, member=member, organisation=member_of, profession="social-worker", since=since),
    )


def disclosed_to(organisation: str) -> Event:
    """Return that an organisation is authorised to read all that can be disclosed, for the purpose that tokens of tests name."""
    return DisclosureAuthorised(
        beneficiary_id=PERSON_ID,
        authorisation_id=new_id(),
        recipient=organisation,
        purpose="integration",
        classes=tuple(sorted(DISCLOSABLE)),
        legal_basis=next(iter(LegalBasis)),
        expires_on=day_of(SystemClock().now()) + timedelta(days=30),
    )


def compared_with(reference: UUID, other: UUID, organisation: str) -> Sequence[Event]:
    """Return that an organisation asked to compare the person with one of its own, and that both agreed."""
    day = day_of(SystemClock().now()) + timedelta(days=10)
    told: dict[str, Any] = {"beneficiary_id": PERSON_ID, "reference": reference, "organisation": organisation, "policy_version": "2020-06"}
    return (
        DuplicateComparisonRequested(**told, asked_by=organisation, band=ScoreBand.LIKELY, matcher="2026-1", lapses_on=day, other=other),
        DuplicateComparisonAgreed(**told, shown_until=day),
    )


def assigned_to(team_id: UUID) -> Event:
    """Return that the pathway is the team's."""
    return TeamAssigned(**IDS, team_id=team_id)


def _after(moment: datetime, *, minutes: int) -> datetime:
    return moment + timedelta(minutes=minutes)
