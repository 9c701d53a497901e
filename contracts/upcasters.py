"""Old shapes of events to their newest, `dict → dict`: run after verification, never touching stored bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

# Every emitter's module: whoever decodes must know every published event, whichever of them it uses itself.
from contracts import (  # noqa: F401 - importing publishes
    access,
    activities,
    assignments,
    budget,
    disclosures,
    documents,
    duplicates,
    duplicates_before,
    emergency,
    erasure,
    handing_over,
    intake,
    joining,
    matching,
    methodologies,
    operations,
    pathways,
    plans,
    referrals,
    safeguarding,
    teams,
    transfers,
    tutor_follow_up,
    tutor_register,
    tutor_requests,
    tutors,
    tutors_before,
)
from contracts.event import Event, event_class

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _no_transfer_yet(fields: dict[str, Any]) -> dict[str, Any]:
    """No transfer ended an assignment then; all other reasons are the same."""
    return fields


def _nobody_took_over(fields: dict[str, Any]) -> dict[str, Any]:
    """No tutor took over from another then: one assignment ended, and another began by itself."""
    return fields


def _nobody_told_who(fields: dict[str, Any]) -> dict[str, Any]:
    """Nobody told then which volunteers of a group or an association were at a meeting."""
    return fields


def _classes_by_code(fields: dict[str, Any]) -> dict[str, Any]:
    """The classes that there were then go by the same codes."""
    return fields


def _by_a_team_member(fields: dict[str, Any]) -> dict[str, Any]:
    """Whoever confirmed a plan then was of the team: nobody else could."""
    return fields | {"confirmation": "team-member"}


def _in_it_still(counted: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def upcast(fields: dict[str, Any]) -> dict[str, Any]:
        """Nobody said then that the person had left a programme which counted twice: they count as in it still."""
        return fields | {counted: [one | {"current": True} for one in fields.get(counted, ())]}

    return upcast


def _of_the_first_episode(fields: dict[str, Any]) -> dict[str, Any]:
    """Nobody said then how many episodes of care the record had: it counts as one, which every record has."""
    return fields | {"episode": 1}


def _not_elsewhere(fields: dict[str, Any]) -> dict[str, Any]:
    """No request was withdrawn then because another record goes on; all other reasons are the same."""
    return fields


UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {
    **{(f"{service}.access_recorded", 1): _classes_by_code for service in access.ACCESS_RECORDED},
    ("tutors.assignment_ended", 1): _no_transfer_yet,
    ("intake.duplicate_confirmed", 1): _in_it_still("counted_twice"),
    ("intake.duplicate_split", 1): _in_it_still("counts_again"),
    ("intake.duplicate_confirmed", 2): _of_the_first_episode,
    ("intake.duplicate_split", 2): _of_the_first_episode,
    ("tutors.assignment_ended", 2): _nobody_took_over,
    ("tutors.tutor_assigned", 1): _nobody_took_over,
    ("tutors.request_withdrawn", 1): _not_elsewhere,
    ("tutors.meeting_logged", 1): _nobody_told_who,
    ("tutors.meeting_corrected", 1): _nobody_told_who,
    ("pathways.plan_agreed", 1): _by_a_team_member,
}
"""(type, version) → what turns that version's fields into those of version + 1. A new version comes with its entry here."""


def decode(type_name: str, version: int, data: bytes, personal: Mapping[str, Any] | None = None) -> Event:
    """Return the event in its newest version, from the stored bytes and the personal fields that could be opened.

    Raises `UnknownEventType`, or pydantic's `ValidationError` where the bytes are not of the contract.
    """
    if not personal and (type_name, version) not in UPCASTERS:
        return event_class(type_name, version).model_validate_json(data)
    fields: dict[str, Any] = json.loads(data)
    fields.update(personal or {})
    while (upcaster := UPCASTERS.get((type_name, version))) is not None:
        fields, version = upcaster(fields), version + 1
    return event_class(type_name, version).model_validate_json(json.dumps(fields))
