"""On which stream an event stands, and which key orders it: asked of the deciders that the services run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from contracts.describing import name_of
from contracts.emergency import EmergencyEvent
from contracts.erasure import ErasureEvent
from contracts.intake import HouseholdFormed, PersonEvent
from contracts.referrals import ReferralEvent
from contracts.upcasters import decode
from services.intake.app.deciders import EMERGENCY, HOUSEHOLD, PERSON
from services.intake.app.referrals import REFERRAL
from services.pathways.adapters.methodology_files import read_methodologies
from services.pathways.app.decider import pathway_decider
from services.pathways.domain.pathway import PathwayEvent
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.domain.assignment_state import AssignmentEvent
from services.tutors.domain.tutor_request_state import RequestEvent
from services.tutors.domain.tutor_state import TutorEvent
from tests.contracts.publishing import EXAMPLES

if TYPE_CHECKING:
    from contracts.event import Event
    from services._runtime.decider import Decider

_OF_A_PERSON = "beneficiary_id"


@dataclass(frozen=True)
class Stream:
    """How a kind of stream is named, and the field whose value keys its records; None where the stream's own name does."""

    name: str
    key: str | None


@cache
def streams() -> dict[str, Stream]:
    """Return the stream of every event that a decider records, by the event's type."""
    held: tuple[tuple[Decider[Any, Any, Any], tuple[type[Event], ...]], ...] = (
        (PERSON, (*get_args(PersonEvent), *_of_erasure("intake"))),
        (HOUSEHOLD, (HouseholdFormed,)),
        (EMERGENCY, get_args(EmergencyEvent)),
        (REFERRAL, get_args(ReferralEvent)),
        (pathway_decider(read_methodologies()), get_args(PathwayEvent)),
        (TUTOR, (*get_args(TutorEvent), *_of_erasure("tutors"))),
        (REQUEST, get_args(RequestEvent)),
        (ASSIGNMENT, get_args(AssignmentEvent)),
    )
    return {event.type_name: _stream(decider, events) for decider, events in held for event in events}


def _of_erasure(service: str) -> tuple[type[Event], ...]:
    """Return the events of an erasure that a service conducts: they stand on the person's own stream."""
    each = (one for every in get_args(ErasureEvent) for one in (get_args(every) or (every,)))
    return tuple(event for event in each if event.type_name.startswith(f"{service}."))


def _stream(decider: Decider[Any, Any, Any], events: tuple[type[Event], ...]) -> Stream:
    field = next(name for name in (f"{decider.category}_id", _OF_A_PERSON) if all(name in event.model_fields for event in events))
    return Stream(f"{decider.category}-<{field}>", None if _opened(decider, events) is None else _OF_A_PERSON)


def _opened(decider: Decider[Any, Any, Any], events: tuple[type[Event], ...]) -> object:
    """Return the key that the decider gives a stream which the example of one of its events has opened."""
    for event in events:
        example = decode(event.type_name, event.schema_version, (EXAMPLES / f"{name_of(event)}.json").read_bytes())
        try:
            state = decider.evolve(decider.initial, example)
        except Exception:  # noqa: BLE001, S112 - most events cannot be a stream's first, and each decider says so in its own way
            continue
        if state != decider.initial:
            return decider.partition(state)
    raise LookupError(decider.category)
