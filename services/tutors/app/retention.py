"""How long the register holds a tutor who left it: before that no erasure is approved, and after it time asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.tutors import TutorRetired
from services._runtime.erasing.retaining import requesting_erasure
from services.tutors.app.deciders import TUTOR
from services.tutors.domain.retention import kept_in_register

if TYPE_CHECKING:
    from datetime import date

    from services._runtime.opening import Opened


def held_until(opened: Opened[Any]) -> date | None:
    """Return the last day for which the law demands a tutor's entries; None while they stand in the register, or never did."""
    for event, stored in zip(opened.events, opened.stored, strict=True):
        if isinstance(event, TutorRetired):
            return kept_in_register(stored.recorded.envelope.occurred_on)
    return None


end_of_retention = requesting_erasure(TUTOR, held_until)
