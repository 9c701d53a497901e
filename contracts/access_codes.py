"""The codes in which a record of a read speaks: a closed list of kebab-case words, a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class ReadOutcome(StrEnum):
    """What came of a read: it was answered, or refused for whatever reason; its HTTP status says more."""

    ANSWERED = "answered"
    REFUSED = "refused"


class DataClassOnce(StrEnum):
    """The classes of personal data that there were when the record of a read was published first."""

    IDENTITY = "identity"
    CONTACT = "contact"
    PROTECTION = "protection"
    HEALTH = "health"
    VULNERABILITY = "vulnerability"
    JUDICIAL = "judicial"
    NOTES = "notes"
    EVIDENCE = "evidence"
