"""What goes wrong when: a pure function of a seed, so that whatever a run found can be run again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

from tests.faults.steps import STEPS
from tests.faults.world import PROCESSES

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH_S = 5.0
"""Within so many seconds all faults of a schedule begin."""

ROUND = 10
"""So many seeds, from a multiple of it on, inflict every fault on every target at least once."""

PARTS = (
    ("kill", "kafka", 0.0),
    ("freeze", "kafka", 2.0),
    ("power-cut", "postgres", 0.0),
    ("kill", "postgres", 0.0),
    ("cut", "kafka", 1.5),
    ("cut", "postgres", 1.5),
    ("stall", "kafka", 2.0),
    ("stall", "postgres", 2.0),
    ("delay", "kafka", 3.0),
    ("delay", "postgres", 3.0),
)
"""Faults of the real parts and of the network to them: one in each seed. What is killed is started again at once."""

OF_PROCESSES = (*(("kill", name, 0.0) for name in PROCESSES), *(("freeze", name, 2.5) for name in PROCESSES))
BETWEEN_STEPS = tuple(("hold and kill", name, 0.0) for name in STEPS)

_PER_SEED = ((PARTS, 1), (OF_PROCESSES, 3), (BETWEEN_STEPS, 1))

Kind = tuple[str, str, float]
Chosen = TypeVar("Chosen")


@dataclass(frozen=True, order=True)
class Planned:
    """One fault: when it begins, what it is, what it hits, and for how many seconds (0: a moment)."""

    at_s: float
    fault: str
    target: str
    for_s: float

    def __str__(self) -> str:
        """Return it as a line for people."""
        lasting = f" for {self.for_s} s" if self.for_s else ""
        return f"{self.at_s:4.1f} s  {self.fault} {self.target}{lasting}"


def schedule(seed: int) -> tuple[Planned, ...]:
    """Return the faults of a seed in the order in which they begin; the same for ever for the same seed."""
    dice = Random(seed)
    number = seed % ROUND
    planned = []
    for kinds, each in _PER_SEED:
        dealt = _dealt(kinds, each * ROUND, Random(f"{seed // ROUND} {kinds[0]}"))
        for fault, target, longest_s in dealt[number * each : (number + 1) * each]:
            planned.append(Planned(round(dice.uniform(0.3, LENGTH_S), 1), fault, target, round(longest_s * dice.uniform(0.4, 1.0), 1)))
    return tuple(sorted(planned))


def _dealt(kinds: Sequence[Chosen], count: int, dice: Random) -> list[Chosen]:
    """Return so many kinds in an order of chance, each at least once where there is room."""
    dealt = [*kinds, *(dice.choice(kinds) for _ in range(count - len(kinds)))]
    dice.shuffle(dealt)
    return dealt[:count]
