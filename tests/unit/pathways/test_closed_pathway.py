"""A closed pathway cannot be edited: whoever withdrew is not changed any more, by any command that there is or will be."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, get_args

import pytest

from services.pathways.domain.commands import ClosePathway, Following, PathwayCommand
from services.pathways.domain.refusals import PathwayClosedAlready
from tests.unit.pathways.cases import AGREED, PATHWAYS, an_id, history

COMMANDS = get_args(PathwayCommand)
FOLLOWING = set(get_args(Following))
"""What is no edit: who answers for the person is intake's fact, and the closed pathway follows it, as all of their records do."""
CLOSED = history(*AGREED, ClosePathway(outcome="withdrew", destination="unknown"))
_MADE: dict[str, Any] = {
    "on": date(2021, 6, 1),
    "due": date(2021, 6, 8),
    "due_on": None,
    "amount_cents": 1,
    "minutes": 1,
    "plan_version": 1,
}


def some(command: type) -> PathwayCommand:
    """Return a command of the class, with any values: what it asks does not matter."""
    assert is_dataclass(command)
    return command(**{field.name: _MADE.get(field.name, an_id(field.name)) for field in fields(command)})  # type: ignore[return-value]


def test_every_command_on_a_pathway_is_looked_at() -> None:
    """The list below is the union that the decider takes, so that no command is born outside of it."""
    assert len(COMMANDS) == len(set(COMMANDS)) > 25
    assert all(is_dataclass(command) for command in COMMANDS)


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in FOLLOWING], ids=lambda command: command.__name__)
def test_a_withdrawn_persons_pathway_cannot_be_edited(command: type) -> None:
    """After the exit each command is refused, whatever it asks; only a readmission opens anything, and that is another pathway."""
    refusal = PATHWAYS(CLOSED).when(some(command)).refused(PathwayClosedAlready)
    assert "readmit" in str(refusal)
