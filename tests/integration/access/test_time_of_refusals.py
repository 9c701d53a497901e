"""Whether a record exists is not told by time either: what is refused takes as long as what is not there. Invariant I8."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from tests.integration.pathways.world import pathways_world

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from uuid import UUID

    from tests.support.database import Cluster

_SAMPLES = 150
_ROUNDS = 4
_BAR = 1.5
"""How much longer one may take than the other, by their medians; a round that another process disturbed is not the last word."""
_ENTRIES = 40
STRANGER: dict[str, Any] = {"ancora_org": "another", "sub": "worker-9"}

Ask = Callable[["UUID"], "Awaitable[int]"]
Now = Callable[[], float]


async def _apart(ask: Ask, there: UUID, now: Now) -> float:
    """Return by which factor the medians of both differ, the two asked in turn so that whatever disturbs one disturbs the other."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(_SAMPLES):
        for exists in (turn % 2 == 0, turn % 2 == 1):
            record = there if exists else new_id()
            began = now()
            assert await ask(record) == 404
            taken[exists].append(now() - began)
    one, other = median(taken[True]), median(taken[False])
    return max(one / other, other / one)


async def _least_apart(ask: Ask, there: UUID, now: Now = time.perf_counter) -> float:
    least = float("inf")
    for _ in range(_ROUNDS):
        least = min(least, await _apart(ask, there, now))
        if least < _BAR:
            break
    return least


async def test_a_read_and_a_command_that_are_refused_take_as_long_as_where_nothing_is(cluster: Cluster) -> None:
    """A record with a long history, of another organisation; and an id under which there is none."""
    async with pathways_world(cluster) as world:
        pathway = await world.enrolled(new_id())
        for number in range(_ENTRIES):
            await world.tell(pathway, "notes", {"note_id": str(new_id()), "text": f"Nota inventata {number}. " * 40})

        async def read(record: UUID) -> int:
            return (await world.get(f"/pathways/{record}", **STRANGER)).status

        async def command(record: UUID) -> int:
            body = {"note_id": str(new_id()), "text": "Una nota."}
            return (await world.post(f"/pathways/{record}/notes", body, version=3, **STRANGER)).status

        async def confirm(record: UUID) -> int:
            contact = {"ancora_role": "lead-partner", "sub": "contact-1"}
            return (await world.post(f"/pathways/{record}/plan-confirmations", {"plan_version": 1}, version=3, **contact)).status

        for ask in (read, command, confirm):
            apart = await _least_apart(ask, pathway)
            assert apart < _BAR, (ask.__name__, apart)


async def test_what_takes_twice_as_long_is_seen() -> None:
    """The measure itself: it would tell."""
    there, passed = new_id(), [0.0]

    async def slow(record: UUID) -> int:
        passed.append(0.004 if record == there else 0.002)
        return 404

    assert await _least_apart(slow, there, lambda: sum(passed)) == pytest.approx(2)
