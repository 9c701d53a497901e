"""Read models for the tests of the machinery, over real events."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, HouseholdFormed, NoteAdded
from contracts.intake_codes import Sex
from services._runtime.projecting.model import Fact, Key, ReadModel


@dataclass(frozen=True, slots=True)
class Mark:
    """A nested value, kept as jsonb."""

    at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One of each kind of column."""

    person_id: UUID
    territory: str
    sex: Sex | None
    episode: int
    present: bool
    left: date | None
    seen_at: datetime
    proof: bytes
    marks: tuple[Mark, ...]


def _person_keys(fact: Fact) -> list[Key]:
    return [(UUID(fact.envelope.partition_key),)]


def _person(row: PersonRow | None, fact: Fact, _key: Key) -> PersonRow | None:
    envelope = fact.envelope
    match fact.event:
        case BeneficiaryEnrolled() as event:
            mark = Mark(envelope.recorded_at, "enrolled «è»")
            return PersonRow(
                person_id=event.beneficiary_id,
                territory=event.territory,
                sex=event.sex,
                episode=event.episode,
                present=True,
                left=None,
                seen_at=envelope.recorded_at,
                proof=fact.digest,
                marks=(mark,),
            )
        case BeneficiaryExited(episode=episode):
            # A second exit's episode, in these tests, deletes the row.
            if row is None or episode > row.episode:
                return None
            return replace(row, present=False, left=envelope.occurred_on, marks=(*row.marks, Mark(envelope.recorded_at, None)))
        case _:
            raise TypeError(envelope.type)


PEOPLE = ReadModel(
    name="people",
    version=1,
    row=PersonRow,
    key=("person_id",),
    reads=(BeneficiaryEnrolled, BeneficiaryExited),
    keys_of=_person_keys,
    evolve=_person,
)


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many events of a type there were in a place."""

    territory: str
    type: str
    events: int


def _count_keys(fact: Fact) -> list[Key]:
    return [(fact.envelope.territory or "", fact.envelope.type)]


def _count(row: CountRow | None, fact: Fact, key: Key) -> CountRow:
    if fact.envelope.type == NoteAdded.type_name:
        raise LookupError("a note with a secret in it")
    return CountRow(str(key[0]), str(key[1]), 1 + (row.events if row else 0))


COUNTS = ReadModel(name="counts", version=1, row=CountRow, key=("territory", "type"), reads=None, keys_of=_count_keys, evolve=_count)


def enrolled(person: UUID, territory: str = "PR") -> BeneficiaryEnrolled:
    """Return an enrolment."""
    return BeneficiaryEnrolled(beneficiary_id=person, episode=1, organisation="ciac", territory=territory, sex=Sex.FEMALE)


def household(number: int) -> HouseholdFormed:
    """Return an event of a stream that is no person's."""
    return HouseholdFormed(household_id=UUID(int=number, version=4), organisation="ciac", territory="PR")
