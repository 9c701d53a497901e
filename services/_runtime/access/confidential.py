"""Facts that are told to few: that a safeguarding concern was raised is for the care team and for whoever reviews the trail.

A day and a province are enough to tell who knows the person of whom it speaks, so that no count and no list of what is new has it either.
"""

from __future__ import annotations

from contracts.event import published_events
from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from services._runtime.access.roles import Role

CONFIDENTIAL = frozenset(event.type_name for event in (ConcernRaised, ConcernClosed, ConcernHandedOver))
"""The types of such events."""

_TOLD = frozenset({Role.CASE_WORKER, Role.TEAM_COORDINATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER})
"""Who is told of them in a record or a timeline that is theirs."""


def tells(role: Role, event_type: str) -> bool:
    """Tell whether somebody of this role, who may know of a record at all, is told that an event of this type is in it."""
    return role in _TOLD or event_type not in CONFIDENTIAL


def types_for(role: Role) -> frozenset[str] | None:
    """Return the types of events that a timeline tells somebody of this role; None means all."""
    return None if role in _TOLD else frozenset(event.type_name for event in published_events()) - CONFIDENTIAL
