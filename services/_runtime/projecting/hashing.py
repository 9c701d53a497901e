"""I5 as a number: the hash of a model's rows, of the rows that its replay gives, and the comparison of both."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from services._runtime.projecting.folding import decoded, folded, touched
from services._runtime.projecting.model import Key, ReadModel, Row
from services._runtime.projecting.port import Build
from services._runtime.projecting.rows import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services._runtime.projecting.port import Reader
    from services._runtime.projecting.source import Source


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model's rows against their replay up to the same position: hex hashes, equal unless something was changed or lost."""

    model: str
    position: int
    expected: str
    found: str

    @property
    def equal(self) -> bool:
        """Tell whether the rows are what their replay gives."""
        return self.expected == self.found


def row_hash(model: ReadModel[Row], rows: Iterable[Row]) -> str:
    """Return SHA-256 over the canonical rows in the order of their canonical keys, in hex."""
    total = sha256()
    for _, rendered in sorted((canonical(model.key_of(row)), canonical(row)) for row in rows):
        total.update(len(rendered).to_bytes(8, "big") + rendered)
    return total.hexdigest()


async def replay(model: ReadModel[Row], source: Source, *, until: int | None = None, batch: int = 5000) -> dict[Key, Row]:
    """Fold the source in memory from its first position to `until` (by default its head); raises ValueError where it cannot."""
    rows: dict[Key, Row] = {}
    position, end = 0, await source.head() if until is None else until
    while position < end:
        entries = await source.read(position, min(batch, end - position))
        if not entries:
            msg = f"the source ends at {position}, before {end}"
            raise ValueError(msg)
        touches = touched(model, decoded(entries, [model]))
        step = folded(model, Build(model.name, 0, model.version, position, 0, active=False), touches, rows)
        if step.stopped is not None:
            raise ValueError(step.stopped)
        rows |= {model.key_of(row): row for row in (*step.added, *step.replaced)}
        for key in step.deleted:
            del rows[key]
        position = entries[-1][0]
    return rows


async def replay_hash(model: ReadModel[Row], source: Source, *, until: int | None = None) -> str:
    """Return the hash of the rows that folding the source gives."""
    return row_hash(model, (await replay(model, source, until=until)).values())


async def compare(model: ReadModel[Any], source: Source, reader: Reader) -> Comparison:
    """Return the hash of the model's rows beside that of their replay up to the rows' own position."""
    found = await reader.rows(model)
    expected = await replay_hash(model, source, until=found.position)
    return Comparison(model.name, found.position, expected, row_hash(model, found.value))
