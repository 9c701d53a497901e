"""The code lists of the events about a tutor's follow-up and about the statutory register: the only words of theirs that travel clear."""

from __future__ import annotations

from enum import StrEnum


class ExpenseKind(StrEnum):
    """What a volunteer spent money on. A flat sum is none: it is forbidden (D.Lgs. 117/2017 art. 17 c. 3)."""

    PUBLIC_TRANSPORT = "public_transport"
    OWN_VEHICLE = "own_vehicle"
    TOLLS_AND_PARKING = "tolls_and_parking"
    MEALS = "meals"
    TELEPHONE = "telephone"
    MATERIALS = "materials"
    ACTIVITY_COSTS = "activity_costs"


class ExpenseProof(StrEnum):
    """What an expense rests on: a document, or the volunteer's own signed declaration (*autocertificazione*)."""

    DOCUMENTED = "documented"
    SELF_DECLARED = "self_declared"


class ResolvingBody(StrEnum):
    """Which body of an organisation resolved."""

    ASSEMBLY = "assembly"
    BOARD = "board"


class SupervisorReason(StrEnum):
    """Why another coordinator follows a tutor now."""

    NAMED = "named"
    ABSENCE = "absence"
    RETURN = "return"


class PauseReason(StrEnum):
    """Why nothing is expected of an assignment for a time. The words for it are sealed, in the event's notes."""

    BENEFICIARY_AWAY = "beneficiary_away"
    TUTOR_AWAY = "tutor_away"
    BENEFICIARY_ASKED = "beneficiary_asked"
    OTHER = "other"


class RegisterSection(StrEnum):
    """In which section of the register a volunteer stands."""

    ORDINARY = "ordinary"
    OCCASIONAL = "occasional"
