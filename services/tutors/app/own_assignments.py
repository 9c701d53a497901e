"""What the machinery asks of an assignment: is a caller the tutor who stands beside the person, or one to whom its notes were opened?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.assignments import AssignmentEnded, EarlierNotesOpened, TutorAssigned
from services.tutors.app.deciders import ASSIGNMENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services._runtime.access.deciding import Principal
    from services._runtime.store.port import EventStore, StreamEvent

READING = "tutors.read-assignment"
"""The one thing that a tutor may do with the assignment of another before them, once its notes are opened."""


async def stands_beside(store: EventStore, stored: Sequence[StreamEvent], caller: Principal, _day: date, action: str) -> bool:
    """Tell whether these events are of an assignment that runs, and the caller is its tutor; or that a tutor before them left open to read.

    Who was assigned is in the first event, in clear: no list is asked that could lag behind, and no key is touched.
    """
    if caller.person is None:
        return False
    if _runs_with(stored, caller.person):
        return True
    return action == READING and await _opened_to(store, stored, caller.person)


def _runs_with(stored: Sequence[StreamEvent], tutor_id: UUID) -> bool:
    first = stored[0].recorded if stored else None
    if first is None or first.envelope.type != TutorAssigned.type_name:
        return False
    ended = any(one.recorded.envelope.type == AssignmentEnded.type_name for one in stored)
    return not ended and json.loads(first.data)["tutor_id"] == str(tutor_id)


async def _opened_to(store: EventStore, stored: Sequence[StreamEvent], tutor_id: UUID) -> bool:
    """Tell whether the notes are open to the tutor: by an assignment of theirs that still runs."""
    told = [json.loads(one.recorded.data) for one in stored if one.recorded.envelope.type == EarlierNotesOpened.type_name]
    later = [UUID(one["opened_to"]) for one in told if one["tutor_id"] == str(tutor_id)]
    return any([_runs_with(await store.load(ASSIGNMENT.stream(each)), tutor_id) for each in later])
