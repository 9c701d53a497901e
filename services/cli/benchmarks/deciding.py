"""A policy decision in process, per second: beside parsing the policies each time, and beside an empty function call.

Ours asks, as every request does, whether a caller may take an action on a record; each decision is of another person, so that none is
remembered from an earlier one. The first floor reads the same policies anew for each decision: what a decision would cost if they were not
kept parsed. The second calls a function that does nothing with as many arguments: what it costs to ask anything at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services._runtime.access.deciding import FOLDER, Policies, Whose
from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from uuid import UUID

    from services._runtime.access.deciding import Principal
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

AGAINST_PARSING = Bar(at_least=5)
AGAINST_NOTHING = Bar(at_least=0.00005)
_ACTION = "pathways.read"


class NotPermitted(Exception):
    """The policies refuse what the measure asks, so that its figure would be of something else."""


@dataclass(frozen=True, slots=True)
class _CaseWorker:
    role: Role = Role.CASE_WORKER
    organisation: str = "ciac"
    purpose: str = "integration"
    sub: str = "worker-1"
    person: UUID | None = None
    now: datetime | None = None


_CALLER = _CaseWorker()


async def measure(_ground: Ground, counts: Counts) -> list[Result]:
    """Measure it, against both."""
    policies = Policies.of_folder()
    against_parsing = await in_turn(
        _timed(policies.decide, counts.parsed_decisions), _timed(_parsing_each_time, counts.parsed_decisions), repeats=counts.repeats
    )
    against_nothing = await in_turn(_timed(policies.decide, counts.decisions), _timed(_nothing, counts.decisions), repeats=counts.repeats)
    return [
        compared("deciding.against-parsing", "decisions/s", AGAINST_PARSING, against_parsing),
        compared("deciding.against-an-empty-call", "decisions/s", AGAINST_NOTHING, against_nothing),
    ]


def _timed(decide: Callable[[Principal, str, Whose], object], times: int) -> Callable[[], Awaitable[Run]]:
    async def run() -> Run:
        records = [Whose(organisation="ciac", territory="PR", municipality="034027", person=new_id()) for _ in range(times)]
        began = time.perf_counter()
        for record in records:
            decide(_CALLER, _ACTION, record)
        return Run.timed(times, time.perf_counter() - began)

    return run


def _parsing_each_time(caller: Principal, action: str, whose: Whose) -> None:
    if not Policies.of_folder(FOLDER).decide(caller, action, whose).permitted:
        raise NotPermitted


def _nothing(_caller: Principal, _action: str, _whose: Whose) -> None:
    """Do nothing."""
