"""A person's wish for a tutor: what the pathway's story hands to the tutors' story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from services._runtime.ids import derived_id

if TYPE_CHECKING:
    from uuid import UUID

    from services.cli.caseload.pathway_days import PathwayDays


@dataclass(frozen=True, slots=True)
class TutorWish:
    """Whose wish it is, and since which day the agreed plan holds it."""

    days: PathwayDays
    agreed: date
    handed_over: bool = False
    """Whether the person is handed over on the pathway's last day, with the tutor beside them."""

    @property
    def request_id(self) -> UUID:
        """Return the id under which the agreed plan opens the request."""
        return derived_id("tutor-request", self.days.pathway_id)

    @property
    def organisation(self) -> str:
        """Return who looks for the tutor."""
        return self.days.persona.place.organisation
