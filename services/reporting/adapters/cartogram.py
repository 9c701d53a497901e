"""A map of equal squares: each known province about where it lies in Italy, its shade by the persons admitted there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.reporting.adapters.figures import Province

STEP = 58
SHADES = 5

PLACES: Mapping[str, tuple[int, int]] = {
    "BG": (1, 0),
    "BS": (2, 0),
    "VI": (3, 0),
    "GO": (5, 0),
    "TO": (0, 1),
    "PR": (2, 1),
    "FE": (3, 1),
    "TS": (5, 1),
    "BO": (3, 2),
    "FI": (3, 3),
    "NA": (4, 5),
    "BT": (5, 4),
    "BA": (6, 4),
    "CS": (5, 6),
}
"""Column and row of each square, chosen by eye: a picture, not a fact."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A square at x, y (in units of the picture), of a shade from 0 (nobody yet) to `SHADES`."""

    code: str
    counted: int
    x: int
    y: int
    shade: int


def tiles(provinces: Sequence[Province]) -> tuple[Tile, ...]:
    """Return the squares of the provinces that have a place."""
    most = max((province.progress.counted for province in provinces), default=0)
    return tuple(
        Tile(one.code, counted, STEP * PLACES[one.code][0], STEP * PLACES[one.code][1], -(-SHADES * counted // most) if most else 0)
        for one in provinces
        if one.code in PLACES
        for counted in (one.progress.counted,)
    )
