"""A pathway follows responsibility: intake says who answers for the person, and the pathway holds the version of that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.handing_over import PathwayHandedOver

if TYPE_CHECKING:
    from services.pathways.domain.course import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Give the pathway to the organisation that accepted the transfer; `responsibility` is intake's version of that fact."""

    transfer_id: UUID
    organisation: str
    territory: str
    municipality: str | None
    sender: str
    responsibility: int


def decide_handing_over(command: HandOver, course: Course) -> list[PathwayHandedOver]:
    """Return the handing over, or nothing where this or a later transfer has been followed before."""
    if command.responsibility <= course.responsibility:
        return []
    return [
        PathwayHandedOver(
            **course.of,
            transfer_id=command.transfer_id,
            organisation=command.organisation,
            territory=command.territory,
            municipality=command.municipality,
            sender=command.sender,
            responsibility=command.responsibility,
        )
    ]


def evolve_handed_over(course: Course, event: PathwayHandedOver) -> Course:
    """Return the course as the receiver's: no team has it, until the receiver gives it to one."""
    return replace(
        course,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        responsibility=event.responsibility,
        team=None,
    )
