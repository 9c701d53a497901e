"""Who may call what, coarsely: each role and the actions it may take. Whose records is decided where the record is read."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """The roles a token may carry."""

    CASE_WORKER = "case-worker"
    TEAM_COORDINATOR = "team-coordinator"
    TUTOR_COORDINATOR = "tutor-coordinator"
    MUNICIPALITY = "municipality"
    AUDITOR = "auditor"
    REPORTING_CONSUMER = "reporting-consumer"
    LEAD_PARTNER = "lead-partner"
    ADMINISTRATOR = "administrator"


_FIGURES = ("reporting.read-figures", "reporting.read-activity")
_TIMELINE = ("reporting.read-timeline",)
_CARE = ("intake.*", "pathways.*")

GRANTS: Mapping[Role, tuple[str, ...]] = {
    Role.CASE_WORKER: (*_CARE, *_FIGURES, *_TIMELINE),
    Role.TEAM_COORDINATOR: (*_CARE, *_FIGURES, *_TIMELINE),
    Role.TUTOR_COORDINATOR: ("tutors.*", *_FIGURES),
    Role.MUNICIPALITY: _FIGURES,
    Role.AUDITOR: (*_FIGURES, *_TIMELINE),
    Role.REPORTING_CONSUMER: _FIGURES,
    Role.LEAD_PARTNER: _FIGURES,
    Role.ADMINISTRATOR: ("operations.*",),
}
"""An action is `<service>.<verb>`; `<service>.*` grants all of a service. What is not granted is refused.

`operations` are those of every service's machinery; they show and change nothing of a person's.
"""


def permits(role: Role, action: str) -> bool:
    """Tell whether the role may take the action."""
    service = action.partition(".")[0]
    return action in GRANTS[role] or f"{service}.*" in GRANTS[role]
