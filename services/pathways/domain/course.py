"""What is known of a pathway while it runs, rests and after it closed: one frozen record that every file of this room reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from services.pathways.domain.refusals import AlreadyRecorded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID


class Ids(TypedDict):
    """The two ids that every event of a pathway carries."""

    pathway_id: UUID
    beneficiary_id: UUID


@dataclass(frozen=True, slots=True)
class NoPlan:
    """No plan was proposed yet."""

    version: int = 0


@dataclass(frozen=True, slots=True)
class AgreedPlan:
    """The person agreed to this version and it runs."""

    version: int
    wants_tutor: bool
    confirmed: bool = True
    """Whether anybody but its author looked at it."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The person's agreement to a plan that nobody confirmed yet; it runs from that day on all the same."""

    mediated: bool
    runs_from: date
    language: str | None
    mediator: str | None


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """This version awaits the person's answer, or its confirmation; `running` is the agreed one it would replace."""

    version: int
    author: str
    wants_tutor: bool
    running: AgreedPlan | None
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class DeclinedPlan:
    """The person declined this version; `running` still runs, where there is one."""

    version: int
    running: AgreedPlan | None


Plan: TypeAlias = NoPlan | ProposedPlan | DeclinedPlan | AgreedPlan


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a situation, network map or assessment was about, and when on the way it was taken."""

    subject: str
    moment: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal. `area` is None where it was sealed and its key is gone."""

    area: str | None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone as recorded. `code` is None where it was sealed and its key is gone."""

    code: str | None
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """A tutor's support as the tutors service told it."""

    tutor_id: UUID
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """Material support that was granted, and how much of it was paid."""

    kind: str
    amount_cents: int
    budget_line: str
    programme: str | None
    organisation: str
    """The organisation that granted it: its own line pays, also after the person was handed over to another."""
    paid_cents: int = 0
    returned_cents: int = 0


@dataclass(frozen=True, slots=True)
class Attendance:
    """Whether the person was at an activity, and for how long."""

    activity_id: UUID
    attended: bool
    minutes: int


ConcernStatus = Literal["open", "closed", "handed-over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The pathway's course so far. Mappings are by the id that the client chose.

    `ids` are all of those, so that none is used twice.
    """

    pathway_id: UUID
    beneficiary_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    methodology: str
    ids: frozenset[UUID] = frozenset()
    measured: Mapping[UUID, Measurement] = field(default_factory=dict)
    goals: Mapping[UUID, Goal] = field(default_factory=dict)
    actions: Mapping[UUID, bool] = field(default_factory=dict)
    """By action id, whether it is done."""
    plan: Plan = NoPlan()
    review_due: date | None = None
    review_overdue: bool = False
    milestones: Mapping[UUID, Milestone] = field(default_factory=dict)
    assignments: Mapping[UUID, Assignment] = field(default_factory=dict)
    grants: Mapping[UUID, Grant] = field(default_factory=dict)
    attendances: Mapping[UUID, Attendance] = field(default_factory=dict)
    """Those that stand: what was corrected is not among them."""
    concerns: Mapping[UUID, ConcernStatus] = field(default_factory=dict)
    contact_lost: bool = False
    team: UUID | None = None
    responsibility: int = 0
    """Intake's version of who is responsible, where a transfer was followed; 0 as the pathway opened."""
    goes_on_under: UUID | None = None
    """The record of the same person that goes on in this one's place."""
    decided: int = 0
    """Intake's version of that decision, where one was followed; 0 as the pathway opened."""

    @property
    def of(self) -> Ids:
        """The ids that each event of this pathway begins with."""
        return {"pathway_id": self.pathway_id, "beneficiary_id": self.beneficiary_id}

    @property
    def baseline(self) -> frozenset[str]:
        """The subjects whose baseline is recorded."""
        return frozenset(measured.subject for measured in self.measured.values() if measured.moment == "baseline")

    @property
    def running_plan(self) -> AgreedPlan | None:
        """The version that was agreed last and still runs."""
        match self.plan:
            case AgreedPlan():
                return self.plan
            case ProposedPlan(running=running) | DeclinedPlan(running=running):
                return running
            case NoPlan():
                return None

    @property
    def held(self) -> dict[UUID, Milestone]:
        """The milestones that were reached and not retracted."""
        return {key: milestone for key, milestone in self.milestones.items() if not milestone.retracted}

    def check_new(self, *ids: UUID) -> None:
        """Refuse ids that were used before, or twice in one command, with `AlreadyRecorded`."""
        seen = set(self.ids)
        for each in ids:
            if each in seen:
                raise AlreadyRecorded
            seen.add(each)
