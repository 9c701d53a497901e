"""What a read model is: a row, the facts it reads, and a pure fold. Nothing here knows where rows are kept.

A read model's file goes without `from __future__ import annotations`, because the columns come from the row's real types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

if TYPE_CHECKING:
    from contracts.envelope import Envelope
    from contracts.event import Event

Row = TypeVar("Row")
Key: TypeAlias = tuple[object, ...]

SCALARS: dict[type, str] = {
    str: 'text COLLATE "C"',
    bool: "boolean",
    int: "bigint",
    date: "date",
    datetime: "timestamptz",
    UUID: "uuid",
    bytes: "bytea",
}
"""Types of Python that have a column type; anything else (tuples, mappings, dataclasses) is kept as jsonb."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as read models see it: typed, upcast to its newest version, its personal fields None.

    It has no position, because rows must not depend on how the services' feeds interleave in the journal.
    """

    event: Event
    envelope: Envelope
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel(Generic[Row]):
    """One read model, kept in the table `read_model.<name>`.

    `row` is a frozen dataclass: its fields are the columns, `key` names those that identify a row (never None).
    `reads` are the classes of events it folds; None reads every event there is.
    `keys_of(fact)` names the rows that a fact touches (none is fine); `evolve(row | None, fact, key)` returns the
    row after it, or None where there is to be none. Both pure, and no result may depend on the order in which
    facts of *different* services arrive. A fact that cannot be folded is an exception: the model then stops, it never skips.
    `version` rises with every change of meaning or shape; the new version is then built beside the old one.
    """

    name: str
    version: int
    row: type[Row]
    key: tuple[str, ...]
    reads: tuple[type[Event], ...] | None
    keys_of: Callable[[Fact], Sequence[Key]]
    evolve: Callable[[Row | None, Fact, Key], Row | None]

    @property
    def types(self) -> frozenset[str] | None:
        """Return the published names of the events it reads, or None for all."""
        return None if self.reads is None else frozenset(event.type_name for event in self.reads)

    def key_of(self, row: Row) -> Key:
        """Return the key of one of its rows."""
        return tuple(getattr(row, name) for name in self.key)


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a row: `python` is its type without None, `sql` its column type."""

    name: str
    python: Any
    sql: str
    nullable: bool

    @property
    def quoted(self) -> str:
        """Return its name for SQL: some good names are reserved words."""
        return f'"{self.name}"'

    @property
    def scalar(self) -> bool:
        """Tell whether the value is stored as it is, not as jsonb."""
        return self.sql != "jsonb"


_COLUMNS: dict[type, tuple[Column, ...]] = {}


def columns(row: type) -> tuple[Column, ...]:
    """Return the columns of a row's fields, in their order; text sorts by code point, as Python does."""
    if row not in _COLUMNS:
        hints = get_type_hints(row)
        _COLUMNS[row] = tuple(_column(field.name, hints[field.name]) for field in fields(row))
    return _COLUMNS[row]


def key_columns(model: ReadModel[Any]) -> tuple[Column, ...]:
    """Return the columns of the model's key, in its order."""
    by_name = {column.name: column for column in columns(model.row)}
    return tuple(by_name[name] for name in model.key)


def _column(name: str, hint: Any) -> Column:  # noqa: ANN401 - a type as typing gives it
    nullable = False
    if get_origin(hint) in (Union, UnionType):
        inner = tuple(part for part in get_args(hint) if part is not NoneType)
        nullable = len(inner) < len(get_args(hint))
        hint = inner[0] if len(inner) == 1 else Union[inner]  # noqa: UP007 - built from a tuple at run time
    text_like = isinstance(hint, type) and issubclass(hint, StrEnum)
    sql = SCALARS[str] if text_like else SCALARS.get(hint, "jsonb")
    return Column(name, hint, sql, nullable)


def table_sql(model: ReadModel[Any]) -> str:
    """Return the CREATE TABLE that fits the model: to write a migration from, never run by a service."""
    rows = [f"    {column.quoted} {column.sql}{'' if column.nullable else ' NOT NULL'}" for column in columns(model.row)]
    key = ", ".join(("build", *(column.quoted for column in key_columns(model))))
    body = ",\n".join(("    build smallint NOT NULL", *rows, f"    PRIMARY KEY ({key})"))
    return f"CREATE TABLE read_model.{model.name} (\n{body}\n);\n"
