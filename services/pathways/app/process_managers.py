"""What other services' events ask of pathways: open one, note a tutor's support, follow its record, close it; each one append."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.assignments import AssignmentEnded, TutorAssigned
from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from contracts.errors import Unknown
from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, BeneficiaryReadmitted
from contracts.transfers import TransferAccepted
from services._runtime.erasing.destroying import destroying
from services._runtime.errors import NotYet
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services._runtime.reactions import ProcessManager
from services.pathways.domain.commands import (
    ClosePathway,
    EndTutorSupport,
    JoinPathway,
    OpenPathway,
    PartPathway,
    PathwayCommand,
    StartTutorSupport,
)
from services.pathways.domain.handing_over import HandOver

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.event import Event
    from services._runtime.handling import Commands
    from services._runtime.reactions import Delivered
    from services._runtime.store.port import InboxEntry
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.app.methodologies import VersionOn

NAME = "pathways.process-managers"
ACTOR = "ancora.pathways"


class NothingAsked(TypeError):
    """An event reached the process manager that it has no reaction for: the wiring is wrong."""


def pathway_id_of(beneficiary_id: UUID, episode: int) -> UUID:
    """Return the id of a person's pathway in an episode: derived, so that a repeated enrolment finds the same one."""
    return derived_id("pathway", beneficiary_id, episode)


def commands_of(event: Event, version: int) -> tuple[tuple[UUID, PathwayCommand], ...]:
    """Return the pathways that an event concerns and what it asks of each; `version` is that of its own stream.

    What is decided of a person's record concerns the pathways of every episode so far; that two are one person's, the pathways of the
    one that does not go on.
    """
    match event:
        case TransferAccepted():
            return _of_every_episode(event, _handing_over(event, version))
        case DuplicateConfirmed(beneficiary_id=own, survivor_id=survivor) | DuplicateSplit(beneficiary_id=own, survivor_id=survivor):
            if own == survivor:
                return ()
            command = JoinPathway if isinstance(event, DuplicateConfirmed) else PartPathway
            return _of_every_episode(event, command(survivor_id=survivor, decided=version))
        case _:
            return (command_of(event),)


def _of_every_episode(
    event: TransferAccepted | DuplicateConfirmed | DuplicateSplit, command: PathwayCommand
) -> tuple[tuple[UUID, PathwayCommand], ...]:
    return tuple((pathway_id_of(event.beneficiary_id, episode), command) for episode in range(1, event.episode + 1))


def _handing_over(event: TransferAccepted, version: int) -> HandOver:
    return HandOver(
        transfer_id=event.transfer_id,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        sender=event.sender,
        responsibility=version,
    )


def command_of(event: Event) -> tuple[UUID, PathwayCommand]:
    """Return the pathway that an event concerns and what it asks of it."""
    match event:
        case BeneficiaryEnrolled() | BeneficiaryReadmitted():
            return _opening(event)
        case BeneficiaryExited():
            pathway_id = pathway_id_of(event.beneficiary_id, event.episode)
            return pathway_id, ClosePathway(outcome=event.reason, destination=event.destination)
        case TutorAssigned():
            return event.pathway_id, StartTutorSupport(assignment_id=event.assignment_id, tutor_id=event.tutor_id)
        case AssignmentEnded():
            return event.pathway_id, EndTutorSupport(assignment_id=event.assignment_id, reason=event.reason)
        case _:
            raise NothingAsked(event.type_name)


def process_manager(pathways: PathwayDecider, version_on: VersionOn) -> ProcessManager:
    """Return the consumer. A pathway opens under the version of the methodology that is in use on the day of the enrolment.

    Its reactions raise refusals, which are outcomes, and `NotYet` where the pathway is still to open.
    """

    async def react(delivered: Delivered, commands: Commands, inbox: InboxEntry) -> None:
        """Open the person's pathway, note that a tutor's support begins or ends, follow the record, or close it: as asked."""
        asked = commands_of(delivered.event, delivered.envelope.stream_version)
        if not asked:
            return
        if isinstance(delivered.event, BeneficiaryEnrolled | BeneficiaryReadmitted):
            version = await version_on(commands, delivered.envelope.occurred_on)
            asked = tuple((of, replace(one, methodology_version=version)) for of, one in asked if isinstance(one, OpenPathway))
        # The fact's own day, not the day of its delivery: support began when the tutor was assigned.
        context = replace(delivered.context(ACTOR), occurred_on=delivered.envelope.occurred_on, precision=delivered.envelope.precision)
        try:
            await commands.execute(*(Step(pathways, of, command) for of, command in asked), context=context, inbox=inbox)
        except Unknown as unknown:
            raise NotYet(f"{delivered.envelope.type} arrived before its pathway opened") from unknown

    of_intake = (BeneficiaryEnrolled, BeneficiaryReadmitted, TransferAccepted, DuplicateConfirmed, DuplicateSplit, BeneficiaryExited)
    reacts_to = (*of_intake, TutorAssigned, AssignmentEnded)
    return ProcessManager(name=NAME, sources=("intake", "tutors"), reactions={**dict.fromkeys(reacts_to, react), **destroying("pathways")})


def _opening(event: BeneficiaryEnrolled | BeneficiaryReadmitted) -> tuple[UUID, OpenPathway]:
    pathway_id = pathway_id_of(event.beneficiary_id, event.episode)
    return pathway_id, OpenPathway(
        pathway_id=pathway_id,
        beneficiary_id=event.beneficiary_id,
        episode=event.episode,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
    )
