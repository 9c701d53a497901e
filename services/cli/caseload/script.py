"""The script that the stories are written into: commands with their days, put in order and given their moments at the end."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from services._runtime.ids import derived_id
from services.cli.caseload.planned import LeftOpen, Plan, PlannedCommand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from services.cli.caseload.planned import ServiceName

NOTHING_OPEN = LeftOpen()
START, END = date(2020, 6, 1), date(2022, 5, 31)
"""The project's first and last day; nothing is recorded outside."""
_OPENING = time(7, 0, tzinfo=UTC)
_LANES_APART_MINUTES = 360
_STEP = timedelta(minutes=2, seconds=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The record that commands go to: its service, path and stream, and the lane in which it changes."""

    service: ServiceName
    path: str
    stream: str
    lane: int


@dataclass(frozen=True, slots=True)
class _Draft:
    day: date
    target: Target
    action: str
    body: Mapping[str, Any]
    login: str
    creates: bool
    left_open: LeftOpen


class Script:
    """Collects a seed's commands. What lies outside the project's days is left out, for it never happened."""

    def __init__(self, seed: int, persons: int) -> None:
        """Begin an empty script."""
        self.seed = seed
        self.persons = persons
        self._drafts = defaultdict[tuple[date, int], list[_Draft]](list)

    def id(self, *parts: object) -> UUID:
        """Return an id that this seed always gives to the same thing. Nobody real can be traced by it."""
        return derived_id("demonstration", self.seed, self.persons, *parts)

    def say(
        self,
        day: date,
        target: Target,
        action: str,
        login: str,
        body: Mapping[str, Any],
        *,
        occurred: date | None = None,
        creates: bool = False,
        left_open: LeftOpen = NOTHING_OPEN,
    ) -> bool:
        """Add a command that is recorded on a day, about a fact of that day or an earlier one; tell whether it was in time."""
        if not START <= day <= END:
            return False
        said = dict(body) if occurred is None or occurred == day else {**body, "occurred_on": occurred.isoformat()}
        self._drafts[day, target.lane].append(_Draft(day, target, action, said, login, creates, left_open))
        return True

    def plan(self) -> Plan:
        """Return the commands in order: by day, on a day by lane from early to late, in a lane as they were said."""
        timed = [
            (_moment(day, lane, place), lane, draft) for (day, lane), drafts in self._drafts.items() for place, draft in enumerate(drafts)
        ]
        timed.sort(key=lambda each: each[:2])
        return Plan(self.seed, self.persons, tuple(self._command(number, *each) for number, each in enumerate(timed, 1)))

    def _command(self, number: int, moment: datetime, lane: int, draft: _Draft) -> PlannedCommand:
        return PlannedCommand(
            moment=moment,
            service=draft.target.service,
            path=draft.target.path + draft.action,
            body=json.dumps(draft.body, separators=(",", ":"), ensure_ascii=False).encode(),
            login=draft.login,
            stream=draft.target.stream,
            creates=draft.creates,
            lane=lane,
            key=f"demonstration-{self.seed}-{self.persons}-{number}",
            left_open=draft.left_open,
        )


def _moment(day: date, lane: int, place: int) -> datetime:
    return datetime.combine(day, _OPENING) + timedelta(minutes=lane * 37 % _LANES_APART_MINUTES, seconds=lane % 60) + place * _STEP
