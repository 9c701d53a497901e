"""How a row becomes column values and back, and its canonical rendering, which the hash of a model is made of."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import TypeAdapter

from contracts.envelope import timestamp
from services._runtime.projecting.model import ReadModel, Row, columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@lru_cache(maxsize=256)
def _adapter(python: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any type that a row's field may have
    return TypeAdapter(python)


def values(model: ReadModel[Row], row: Row) -> tuple[Any, ...]:
    """Return the row's values as its columns hold them: jsonb ones as JSON texts."""
    get, odd = _layout(model.row)  # type: ignore[arg-type] # a class is hashable, whatever a type variable may be
    plain: tuple[Any, ...] = get(row)
    if not odd:
        return plain
    made = list(plain)
    for at, adapter in odd:
        if made[at] is not None:
            made[at] = adapter.dump_json(made[at]).decode()
    return tuple(made)


@lru_cache(maxsize=256)
def _layout(row: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[int, TypeAdapter[Any]], ...]]:
    """Return what takes a row's values out of it, and which of them are kept as jsonb."""
    found = columns(row)
    names = [column.name for column in found]
    # Of one name alone attrgetter makes no tuple.
    get = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)
    return get, tuple((at, _adapter(column.python)) for at, column in enumerate(found) if not column.scalar)


def row_reader(model: ReadModel[Row]) -> Callable[[Sequence[Any]], Row]:
    """Return what makes a row from its columns' values, in their order."""
    found = columns(model.row)
    odd = [
        (at, _adapter(column.python), column.scalar)
        for at, column in enumerate(found)
        if not column.scalar or column.python not in (str, int, bool, date, datetime, UUID, bytes)
    ]

    def read(raw: Sequence[Any]) -> Row:
        made = list(raw)
        for at, adapter, scalar in odd:
            if made[at] is not None:
                made[at] = adapter.validate_python(made[at]) if scalar else adapter.validate_json(made[at])
        return model.row(*made)

    return read


def canonical(row: object) -> bytes:
    """Return one text for equal rows, whatever store they come from: JSON with sorted keys, moments in UTC with six digits."""
    return json.dumps(row, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: object) -> object:
    match value:
        case datetime():
            return timestamp(value)
        case set() | frozenset():
            return sorted(value, key=canonical)
        case bytes():
            return value.hex()
        case _ if is_dataclass(value):
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            return str(value)
