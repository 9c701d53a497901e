"""What callers send: one strict body per command. The day a fact happened is `occurred_on`; ids of people stand in the path."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import UUID4, Field, StringConstraints

from contracts.tutor_codes import (
    ConnectionKind,
    EndReason,
    MeetingKind,
    RetirementReason,
    SuspensionReason,
    TutorKind,
    VettingOutcome,
    WithdrawalReason,
)
from services._runtime.web.bodies import Body, Code, CommandBody, Count, Day, Flag, Line, Prose

Province = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="a province's code, such as PR")]
Municipality = Annotated[str, StringConstraints(pattern=r"^\d{6}$"), Field(description="an ISTAT code, such as 034027")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(description="an ISO 639 code, such as ar")]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254, pattern=r"^[^\x00-\x1f\x7f]+$")]
Capacity = Annotated[Count, Field(le=100, description="how many assignments at once")]
Minutes = Annotated[Count, Field(le=1440, description="zero where the meeting did not take place")]
Leaving = Literal[EndReason.BENEFICIARY_ASKED, EndReason.TUTOR_ASKED, EndReason.TUTOR_UNAVAILABLE, EndReason.MOVED, EndReason.OTHER]
"""Why a tutor leaves whom another follows: not where nothing goes on, and not what happens in intake."""


class Registration(CommandBody):
    """A volunteer for the register of the caller's organisation."""

    kind: TutorKind
    territory: Province
    municipality: Municipality | None = None
    capacity: Capacity
    paid_staff: Annotated[Flag, Field(description="whether the volunteer is paid staff of this organisation")]
    runts: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z/.-]{1,32}$")] | None = None
    name: Line
    birth_date: Day | None = None
    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ()
    volunteers: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    email: Contact | None = None
    phone: Contact | None = None


class Interview(CommandBody):
    """An interview with the tutor."""

    notes: Prose | None = None


class Training(CommandBody):
    """A training the tutor completed."""

    course: Code
    hours: Annotated[Count, Field(ge=1, le=1000)]


class Vetting(CommandBody):
    """The check of suitability. What was seen, such as a certificate, goes into `notes` as 'seen on, valid until' at most."""

    outcome: VettingOutcome
    valid_until: Day | None = None
    notes: Prose | None = None


class Insurance(CommandBody):
    """A period of cover, both days included. `kept_by` is the organisation that keeps the policy, by default the caller's."""

    valid_from: Day
    valid_until: Day
    kept_by: Code | None = None


class Approval(CommandBody):
    """From which day the tutor may be assigned: `occurred_on`."""


class Availability(CommandBody):
    """What the tutor can take on."""

    capacity: Capacity
    available: Flag


class Suspension(CommandBody):
    """A pause of new assignments."""

    reason: SuspensionReason
    notes: Prose | None = None


class Retirement(CommandBody):
    """The end on the register."""

    reason: RetirementReason
    notes: Prose | None = None


class AgreedOutsideMatching(Body):
    """What tutor and person agreed before anybody proposed it: when they met first, and when each of the two accepted."""

    first_meeting_on: Day
    tutor_accepted_on: Day
    beneficiary_accepted_on: Day


class Assigning(CommandBody):
    """The tutor who will stand beside the person from `occurred_on`, and the new assignment's id, chosen by the caller.

    Both accepted the match with this tutor, or it is told here when they agreed outside the matching.
    """

    assignment_id: UUID4
    tutor_id: UUID
    agreed_outside_matching: AgreedOutsideMatching | None = None


class Reassigning(Assigning):
    """Another tutor who takes over on `occurred_on`, under the new assignment's id, and why the one before leaves.

    As when a tutor is assigned, both accepted the match with the new tutor, or it is told here when they agreed outside the matching.
    """

    reason: Leaving
    relationship_continues: Flag | None = None
    notes: Prose | None = None


class NotesOpening(CommandBody):
    """The later assignment to whose tutor the notes of an ended one are opened, and why."""

    opened_to: UUID4
    reason: Prose


class VolunteerBeside(CommandBody):
    """A named volunteer of the group or association; `occurred_on` is the first day with them, or without them."""

    volunteer_id: UUID


class Withdrawal(CommandBody):
    """Why the request no longer stands."""

    reason: WithdrawalReason


class MeetingEntry(CommandBody):
    """A meeting on `occurred_on`. `meeting_id` is chosen by the caller."""

    meeting_id: UUID4
    duration_minutes: Minutes
    kind: MeetingKind
    took_place: Flag
    volunteers: Annotated[tuple[UUID, ...], Field(max_length=50, description="who of the group or association was there")] = ()
    notes: Prose | None = None


class MeetingCorrection(MeetingEntry):
    """How a logged meeting should have been entered, all values; `occurred_on` is the right day of the meeting."""

    occurred_on: Day
    reason: Prose


class Connection(CommandBody):
    """An introduction on `occurred_on`: to what kind of place or person, never to whom by name."""

    connection_id: UUID4
    kind: ConnectionKind
    notes: Prose | None = None


class Ending(CommandBody):
    """The end of the assignment on `occurred_on`. `still_wanted`: the person wants another tutor, so the request opens again."""

    reason: EndReason
    still_wanted: Flag
    relationship_continues: Flag | None = None
    notes: Prose | None = None
