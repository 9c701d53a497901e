"""Ten schedules of faults under load, and what holds after each of them (`make faults SEEDS=200` runs more)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.schedule import ROUND, schedule
from tests.faults.seeds import run_seed

if TYPE_CHECKING:
    from tests.faults.oracle import Oracle
    from tests.faults.world import World


@pytest.mark.parametrize("seed", range(ROUND))
async def test_nothing_is_lost_doubled_or_reordered_whatever_dies(world: World, oracle: Oracle, seed: int) -> None:
    """I1 to I5: clients were told the truth, each effect is there once, Kafka and journal follow the feeds, models their replay."""
    print(*schedule(seed), sep="\n")
    outcome = await run_seed(world, oracle, seed)
    print(outcome)
    assert not outcome.findings, f"seed {seed}"
    assert outcome.told["acknowledged"] > 0


async def test_verify_finds_everything_as_it_was_recorded_after_all_of_it(world: World) -> None:
    """What the oracle says of the parts, the command says of the whole."""
    assert await world.verified() == (0, [])
