"""What the tutors service does on other services' events, in whichever order these arrive.

A plan is agreed in pathways; an exit, a transfer, or that two records are one person's, recorded in intake: two topics, no common order.
All are answered on the request's stream, whose id follows from person and episode alone, so the later one finds what the earlier one left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from contracts.erasure_codes import SubjectKind
from contracts.intake import BeneficiaryExited
from contracts.plans import PlanAgreed
from contracts.topics import SERVICES
from contracts.transfers import TransferAccepted
from contracts.tutor_codes import EndReason, WithdrawalReason
from services._runtime.erasing.destroying import collecting, destroying
from services._runtime.errors import NotYet, RuntimeFault
from services._runtime.handling import Commands, Step
from services._runtime.ids import derived_id
from services._runtime.reactions import Delivered, ProcessManager
from services._runtime.store.port import ConcurrencyError, InboxEntry
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.app.steps import exiting, handing_over
from services.tutors.domain.assignment_commands import EndAssignment
from services.tutors.domain.meetings import AssignmentHasEnded
from services.tutors.domain.request_commands import (
    CloseForExit,
    HandedTo,
    HandRequestOver,
    JoinRequest,
    PartRequest,
    RequestTutor,
    WithdrawRequest,
)
from services.tutors.domain.taking import CapacityNotHeld
from services.tutors.domain.tutor_request_state import Met, Open, Withdrawn

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import Envelope
    from services._runtime.decider import Context

ACTOR = "ancora.tutors"
_TRIES = 5


class Unplaced(RuntimeFault):
    """An event of a person came without organisation or territory: no request can belong anywhere by it."""


def request_id_of(pathway_id: UUID) -> UUID:
    """Return the id of a pathway's tutor request: whoever knows the pathway finds it."""
    return derived_id("tutor-request", pathway_id)


async def request_tutor(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
    """Open a request where the agreed plan wants a tutor; take one back that is open, or would be, where a later plan wants none."""
    event = delivered.event
    if not isinstance(event, PlanAgreed):
        return
    if not event.wants_tutor:
        await _take_back(event, delivered, commands, inbox)
        return
    of = _of(event.beneficiary_id, event.pathway_id, event.episode, delivered.envelope)
    command = RequestTutor(**of, plan_version=event.plan_version)
    await commands.execute(Step(REQUEST, command.request_id, command), context=_context(delivered), inbox=inbox)


async def _take_back(event: PlanAgreed, delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
    request_id = request_id_of(event.pathway_id)
    state = (await commands.read(REQUEST, request_id)).state
    elsewhere = isinstance(state, Withdrawn) and state.reason is WithdrawalReason.RECORDED_ELSEWHERE
    if isinstance(state, Open) or elsewhere:
        withdraw = WithdrawRequest(reason=WithdrawalReason.NO_LONGER_WANTED, plan_version=event.plan_version)
        await commands.execute(Step(REQUEST, request_id, withdraw), context=_context(delivered), inbox=inbox)


async def conclude_for_exit(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
    """Withdraw the open request, or end the running assignment, or see to it that a plan still on its way opens none.

    Raises `NotYet` where people keep changing the same records at the same moment.
    """
    event = delivered.event
    if not isinstance(event, BeneficiaryExited):
        return
    exit_day = delivered.envelope.occurred_on
    close = _closing(event, delivered.envelope)
    end = EndAssignment(ended_on=exit_day, reason=EndReason.BENEFICIARY_EXITED)
    for _ in range(_TRIES):
        opened = await commands.read(REQUEST, close.request_id)
        steps = exiting(close, opened.state, version=opened.version, end=end)
        try:
            await commands.execute(*steps, context=_context(delivered), inbox=inbox)
        except (ConcurrencyError, AssignmentHasEnded, CapacityNotHeld):
            continue  # somebody met, released or ended it between our read and our append: look again
        return
    raise NotYet("the request keeps changing")


async def follow_transfer(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
    """Give the requests of every episode to the receiver; the assignment that runs goes along, or ends and the wish is open again.

    Raises `NotYet` where people keep changing the same records at the same moment.
    """
    event = delivered.event
    if not isinstance(event, TransferAccepted):
        return
    for _ in range(_TRIES):
        steps: list[Step] = []
        for episode in range(1, event.episode + 1):
            steps += await _following(event, episode, delivered.envelope, commands)
        try:
            await commands.execute(*steps, context=_context(delivered), inbox=inbox)
        except (ConcurrencyError, AssignmentHasEnded, CapacityNotHeld):
            continue  # somebody met, released or ended it between our read and our append: look again
        return
    raise NotYet("the request keeps changing")


async def _following(event: TransferAccepted, episode: int, envelope: Envelope, commands: Commands) -> tuple[Step, ...]:
    pathway_id = _pathway_id(event.beneficiary_id, episode)
    hand = HandRequestOver(
        request_id=request_id_of(pathway_id),
        beneficiary_id=event.beneficiary_id,
        pathway_id=pathway_id,
        episode=episode,
        to=HandedTo(
            transfer_id=event.transfer_id,
            organisation=event.organisation,
            territory=event.territory,
            municipality=event.municipality,
            sender=event.sender,
            responsibility=envelope.stream_version,
        ),
    )
    request = await commands.read(REQUEST, hand.request_id)
    held = request.state.assignment_id if isinstance(request.state, Met) else None
    assignment = ASSIGNMENT.initial if held is None else (await commands.read(ASSIGNMENT, held)).state
    end = EndAssignment(ended_on=envelope.occurred_on, reason=EndReason.TRANSFERRED)
    return handing_over(hand, request.state, assignment, version=request.version, end=end)


async def follow_decision(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
    """Seek no tutor under a record in whose place another goes on, in any episode; seek one again once the two are split."""
    event = delivered.event
    if not isinstance(event, DuplicateConfirmed | DuplicateSplit) or event.beneficiary_id == event.survivor_id:
        return
    steps = [_deciding(event, episode, delivered.envelope) for episode in range(1, event.episode + 1)]
    await commands.execute(*steps, context=_context(delivered), inbox=inbox)


def _deciding(event: DuplicateConfirmed | DuplicateSplit, episode: int, envelope: Envelope) -> Step:
    of = _of(event.beneficiary_id, _pathway_id(event.beneficiary_id, episode), episode, envelope)
    command = JoinRequest if isinstance(event, DuplicateConfirmed) else PartRequest
    told = command(**of, survivor_id=event.survivor_id, decided=envelope.stream_version)
    return Step(REQUEST, told.request_id, told)


def _closing(event: BeneficiaryExited, envelope: Envelope) -> CloseForExit:
    return CloseForExit(**_of(event.beneficiary_id, _pathway_id(event.beneficiary_id, event.episode), event.episode, envelope))


def _pathway_id(beneficiary_id: UUID, episode: int) -> UUID:
    """Return the id of a person's pathway in an episode, as the pathways service derives it."""
    return derived_id("pathway", beneficiary_id, episode)


def _context(delivered: Delivered) -> Context:
    """Return the context of the reaction, on the fact's own day: a wish begins with the plan, and ends with the exit."""
    return replace(delivered.context(ACTOR), occurred_on=delivered.envelope.occurred_on, precision=delivered.envelope.precision)


class _Of(TypedDict):
    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None


def _of(beneficiary_id: UUID, pathway_id: UUID, episode: int, envelope: Envelope) -> _Of:
    """Return whose request it is, and where it belongs by an event's envelope; raises `Unplaced`."""
    if envelope.responsible_organisation is None or envelope.territory is None:
        raise Unplaced(f"{envelope.type} without organisation or territory")
    return {
        "request_id": request_id_of(pathway_id),
        "beneficiary_id": beneficiary_id,
        "pathway_id": pathway_id,
        "episode": episode,
        "organisation": envelope.responsible_organisation,
        "territory": envelope.territory,
        "municipality": envelope.municipality,
    }


PROCESS_MANAGERS = ProcessManager(
    name="tutors.process-managers",
    sources=SERVICES,
    reactions={
        PlanAgreed: request_tutor,
        BeneficiaryExited: conclude_for_exit,
        TransferAccepted: follow_transfer,
        DuplicateConfirmed: follow_decision,
        DuplicateSplit: follow_decision,
        **destroying("tutors"),
        **collecting("tutors", SubjectKind.TUTOR, TUTOR),
    },
)
