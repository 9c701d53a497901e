"""Keeping in touch, keeping notes, the team, concerns: what can be recorded even while a pathway rests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.pathways import ContactLost, ContactRegained, NoteAdded
from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from contracts.teams import TeamAssigned
from services.pathways.domain.commands import AddNote, AssignTeam, LoseContact, RegainContact
from services.pathways.domain.concerns import CloseConcern, RaiseConcern, Safeguarded, decide_concern, evolve_concerns
from services.pathways.domain.refusals import ContactLostAlready, ContactNotLost, TeamAssignedAlready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.pathways.domain.commands import Keeping
    from services.pathways.domain.course import Course

Kept: TypeAlias = ContactLost | ContactRegained | NoteAdded | TeamAssigned | Safeguarded


def decide_keeping(command: Keeping, course: Course) -> Sequence[Kept]:
    """Return the fact of contact, the note, the team or the concern."""
    match command:
        case LoseContact():
            if course.contact_lost:
                raise ContactLostAlready
            return [ContactLost(**course.of, notes=command.notes)]
        case RegainContact():
            if not course.contact_lost:
                raise ContactNotLost
            return [ContactRegained(**course.of, notes=command.notes)]
        case AddNote():
            course.check_new(command.note_id)
            return [NoteAdded(**course.of, note_id=command.note_id, text=command.text)]
        case AssignTeam():
            if course.team == command.team_id:
                raise TeamAssignedAlready
            return [TeamAssigned(**course.of, team_id=command.team_id)]
        case RaiseConcern() | CloseConcern():
            return decide_concern(command, course)
        case _:
            assert_never(command)


def evolve_kept(course: Course, event: Kept) -> Course:
    """Return the course with the fact in it."""
    match event:
        case ContactLost():
            return replace(course, contact_lost=True)
        case ContactRegained():
            return replace(course, contact_lost=False)
        case NoteAdded():
            return replace(course, ids=course.ids | {event.note_id})
        case TeamAssigned():
            return replace(course, team=event.team_id)
        case ConcernRaised() | ConcernClosed() | ConcernHandedOver():
            return evolve_concerns(course, event)
        case _:
            assert_never(event)
