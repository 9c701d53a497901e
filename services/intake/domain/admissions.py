"""The programmes to which a person was ever admitted: how each admission counts, and whether the person is in it now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.duplicates import CountedAdmission, DuplicateConfirmed, DuplicateSplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.duplicates import DuplicateEvent
    from contracts.intake import ProgrammeAdmitted

Admissions = tuple[CountedAdmission, ...]


def admitted(admissions: Admissions, event: ProgrammeAdmitted, *, territory: str) -> Admissions:
    """Return them with a new one, which counts in a province."""
    new = CountedAdmission(
        programme=event.programme, territory=territory, international_protection=event.international_protection, current=True
    )
    return (*admissions, new)


def left(admissions: Admissions, programme: str) -> Admissions:
    """Return them, the person being in a programme no longer."""
    return _standing(admissions, {programme: False})


def compared(admissions: Admissions, event: DuplicateEvent) -> Admissions:
    """Return them after a word about another record: in what counts under both, the person is under the one that goes on, until a split."""
    match event:
        case DuplicateConfirmed(counted_twice=counted):
            return _standing(admissions, {each.programme: False for each in counted})
        case DuplicateSplit(counts_again=counted):
            return _standing(admissions, {each.programme: each.current for each in counted})
        case _:
            return admissions


def moved(admissions: Admissions, territory: str) -> Admissions:
    """Return them as they count after a move to a province."""
    return tuple(each.model_copy(update={"territory": territory}) for each in admissions)


def _standing(admissions: Admissions, current: Mapping[str, bool]) -> Admissions:
    return tuple(each.model_copy(update={"current": current.get(each.programme, each.current)}) for each in admissions)
