"""The assignment problem of a territory, solved by a library: all who wait and all free places at once, never one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.optimize import linear_sum_assignment

Worth = Sequence[Sequence[int | None]]


def best_pairs(worth: Worth, places: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of the greatest total worth, by row; no column more often than it has places.

    None is a pair that is not to be. Whole numbers, exact up to 2^53 in total; the same input gives the same pairs.
    """
    rows = len(worth)
    columns = [
        column for column, free in enumerate(places) for _ in range(min(free, rows)) if any(row[column] is not None for row in worth)
    ]
    if not columns:
        return []
    # A pair that is not to be is worth nothing, and every other more: it is never chosen where another could be, and left out after.
    matrix = [[row[column] or 0 for column in columns] for row in worth]
    chosen = zip(*(side.tolist() for side in linear_sum_assignment(matrix, maximize=True)), strict=True)
    return [(row, columns[place]) for row, place in chosen if worth[row][columns[place]] is not None]


def total(worth: Worth, pairs: Sequence[tuple[int, int]]) -> int:
    """Return what pairs are worth together."""
    return sum(worth[row][column] or 0 for row, column in pairs)
