"""Admissions per programme and province, and how far they are from the contractual targets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from contracts.duplicates import CountedAdmission, DuplicateConfirmed, DuplicateSplit
from contracts.intake import ProgrammeAdmitted, ProgrammeLeft
from contracts.reference import Target
from contracts.transfers import TransferAccepted
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query, Read, Reader


@dataclass(frozen=True, slots=True)
class TerritoryProgress:
    """Persons admitted to a programme in a province; only the `counted`, who hold international protection, count for its targets.

    Whoever was admitted under two records, which are confirmed to be one person's, counts once.

    `left` are those of them who are no longer in the programme; their admissions stay counted. Who moves to another province by a
    transfer counts there from then on, and everybody counts once.
    """

    programme: str
    territory: str
    admitted: int = 0
    counted: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target and the persons counted for it."""

    target: Target
    counted: int

    @property
    def reached(self) -> bool:
        """Tell whether the target is reached."""
        return self.counted >= self.target.at_least

    @property
    def missing(self) -> int:
        """Return how many persons are missing."""
        return max(0, self.target.at_least - self.counted)

    @property
    def percent(self) -> int:
        """Return the share that is reached, in whole percent, at most 100 and never rounded up to it."""
        return min(100, 100 * self.counted // self.target.at_least)


def keys_of(fact: Fact) -> list[Key]:
    """Touch the programme's row of the province in which the person is, or was when they were admitted a second time."""
    match fact.event:
        case DuplicateConfirmed(counted_twice=counted) | DuplicateSplit(counts_again=counted):
            return [(one.programme, one.territory) for one in counted]
        case TransferAccepted(territory=there, admissions=admissions):
            return [(one.programme, where) for one in admissions if one.territory != there for where in (one.territory, there)]
    # A person's province is in the envelope; an empty code stands for a fact that belongs to none.
    return [(fact.envelope.programme, fact.envelope.territory or "")]


def evolve(row: TerritoryProgress | None, fact: Fact, key: Key) -> TerritoryProgress:
    """Count an admission or a leaving."""
    programme, territory = key
    row = row or TerritoryProgress(str(programme), str(territory))
    match fact.event:
        case ProgrammeAdmitted(international_protection=protected):
            return replace(row, admitted=row.admitted + 1, counted=row.counted + protected)
        case ProgrammeLeft():
            return replace(row, left=row.left + 1)
        case DuplicateConfirmed(counted_twice=counted):
            return _counting(row, [one for one in counted if one.territory == row.territory], -1)
        case DuplicateSplit(counts_again=counted):
            return _counting(row, [one for one in counted if one.territory == row.territory], 1)
        case TransferAccepted() as moved:
            return _counting(row, moved.admissions, 1 if row.territory == moved.territory else -1)
        case other:
            raise TypeError(other.type_name)


def _counting(row: TerritoryProgress, admissions: Iterable[CountedAdmission], step: int) -> TerritoryProgress:
    """Count the admission to this row's programme from now on (1), or no more (-1), as it stands."""
    for one in admissions:
        if one.programme == row.programme:
            row = replace(
                row,
                admitted=row.admitted + step,
                counted=row.counted + step * one.international_protection,
                left=row.left + step * (not one.current),
            )
    return row


TERRITORY_PROGRESS = ReadModel(
    name="territory_progress",
    version=4,
    row=TerritoryProgress,
    key=("programme", "territory"),
    reads=(ProgrammeAdmitted, ProgrammeLeft, DuplicateConfirmed, DuplicateSplit, TransferAccepted),
    keys_of=keys_of,
    evolve=evolve,
)


async def progress_of(reader: Reader, programme: str) -> Read[tuple[TerritoryProgress, ...]]:
    """Return a programme's rows, by province."""
    return await reader.rows(TERRITORY_PROGRESS, Query(where={"programme": programme}))


def against(targets: tuple[Target, ...], rows: tuple[TerritoryProgress, ...]) -> tuple[TargetProgress, ...]:
    """Return the targets with what counts for each: a provincial one is a part of the national one."""
    return tuple(TargetProgress(target, sum(row.counted for row in rows if target.province in (None, row.territory))) for target in targets)
