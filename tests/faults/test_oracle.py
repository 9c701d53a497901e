"""The oracle finds what it is there to find: an oracle that sees nothing would be satisfied by anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services._runtime.ids import new_id
from tests.faults.oracle import Oracle
from tests.faults.told import Record, Told
from tests.faults.under_load import lived

if TYPE_CHECKING:
    from tests.faults.world import World


async def test_what_clients_were_told_and_is_not_so_is_found(world: World) -> None:
    """I1, I4: another digest, an event that is not there, a request that is not there, a refusal that was stored, two answers."""
    record = await lived(world)
    assert await Oracle(world).check(record) == []
    true = next(told for told in record.commands if told.acknowledged)
    (event, *_), *_ = true.receipts
    for lie, invariant in (
        (replace(true, receipts=[(replace(event, digest="00" * 32),)]), "I1"),
        (replace(true, receipts=[(replace(event, event_id=str(new_id())),)]), "I1"),
        (replace(true, key="never sent", correlation=new_id(), receipts=[()]), "I1"),
        (replace(true, statuses=[409], receipts=[]), "I1"),
        (replace(true, receipts=[*true.receipts, (replace(event, version=99),)]), "I4"),
    ):
        assert await _found(world, lie, invariant), lie


async def _found(world: World, lie: Told, invariant: str) -> bool:
    return any(finding.startswith(invariant) for finding in await Oracle(world).check(Record([lie])))
