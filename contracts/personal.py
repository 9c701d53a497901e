"""Marks in an event's type which fields are personal: their data class, and whose key seals them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DataClass(StrEnum):
    """A class of personal data; each person has one key per class, so that one can be destroyed without the others."""

    IDENTITY = "identity"
    CONTACT = "contact"
    PROTECTION = "protection"
    HEALTH = "health"
    VULNERABILITY = "vulnerability"
    JUDICIAL = "judicial"
    NOTES = "notes"
    EVIDENCE = "evidence"
    SAFEGUARDING = "safeguarding"


EVERY = frozenset(DataClass)
"""All classes."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Stands in `Annotated[T | None, Personal(...)]` on a top-level field of an event.

    The value is sealed under the key of (`subject`'s value, `data_class`) and never leaves the service's store in clear;
    a reader without the key finds None. `subject` names the event's field that holds the person's id.
    """

    data_class: DataClass
    subject: str = "beneficiary_id"
