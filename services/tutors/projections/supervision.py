"""Who follows which tutor, and who is away: pseudonyms of coordinators and ids of tutors, nobody's name."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.tutor_follow_up import SupervisorAbsenceRecorded, SupervisorChanged
from contracts.tutor_follow_up_codes import SupervisorReason
from contracts.tutors import TutorRetired
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


@dataclass(frozen=True, slots=True)
class SupervisedRow:
    """One tutor on the register whom somebody follows. `regular` is whom a person named; `supervisor` follows the tutor now."""

    tutor_id: UUID
    organisation: str
    supervisor: str
    regular: str
    since: date
    reason: SupervisorReason


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """One absence of a supervisor, both days included."""

    absence_id: UUID
    organisation: str
    supervisor: str
    substitute: str
    absent_from: date
    absent_until: date


READS = (SupervisorChanged, TutorRetired)


def keys_of(fact: Fact) -> list[Key]:
    """Return the tutor that the event is about."""
    return [(fact.event.tutor_id,)] if isinstance(fact.event, READS) else []


def evolve(row: SupervisedRow | None, fact: Fact, _key: Key) -> SupervisedRow | None:
    """Return who follows the tutor after the event; nobody after the tutor left the register."""
    event = fact.event
    if not isinstance(event, SupervisorChanged):
        return None
    if row is not None and event.reason is not SupervisorReason.NAMED:
        return replace(row, supervisor=event.supervisor, since=event.since, reason=event.reason)
    organisation = fact.envelope.responsible_organisation or ""
    return SupervisedRow(event.tutor_id, organisation, event.supervisor, event.supervisor, event.since, event.reason)


def absence_keys_of(fact: Fact) -> list[Key]:
    """Return the absence that the event is about."""
    return [(fact.event.absence_id,)] if isinstance(fact.event, SupervisorAbsenceRecorded) else []


def absent(_row: AbsenceRow | None, fact: Fact, _key: Key) -> AbsenceRow | None:
    """Return the absence as it was recorded."""
    event = fact.event
    if not isinstance(event, SupervisorAbsenceRecorded):
        raise ValueError(event.type_name)  # noqa: TRY004 - what a model cannot fold is a value
    return AbsenceRow(event.absence_id, event.organisation, event.supervisor, event.substitute, event.absent_from, event.absent_until)


SUPERVISED_TUTORS = ReadModel(
    name="supervised_tutors", version=1, row=SupervisedRow, key=("tutor_id",), reads=READS, keys_of=keys_of, evolve=evolve
)
SUPERVISOR_ABSENCES = ReadModel(
    name="supervisor_absences",
    version=1,
    row=AbsenceRow,
    key=("absence_id",),
    reads=(SupervisorAbsenceRecorded,),
    keys_of=absence_keys_of,
    evolve=absent,
)


def supervised_by(organisation: str, supervisor: str | None, *, after: Key | None, limit: int) -> Query:
    """Return the query for a page of an organisation's tutors whom somebody follows, by id; of one supervisor, where one is named."""
    return narrowed(Query(where={"organisation": organisation}, after=after, limit=limit), {"supervisor": supervisor})


def absences_of(
    organisation: str,
    supervisor: str | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of an organisation's absences, the earliest first; `since` and `until` are days on which they begin."""
    query = Query(where={"organisation": organisation}, order=("absent_from", "absence_id"), after=after, limit=limit)
    return narrowed(query, {"supervisor": supervisor}, day="absent_from", since=since, until=until)
