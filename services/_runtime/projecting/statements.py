"""The SQL that a read model's shape gives: column names come from its dataclass only, every value is a parameter."""
# ruff: noqa: S608 - the names below are fields of a read model's dataclass, never input

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services._runtime.projecting.model import Column, Key, ReadModel, columns, key_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services._runtime.projecting.port import Query

OPEN_MODEL = "INSERT INTO projecting.model (name, active_build) VALUES ($1, 1) ON CONFLICT DO NOTHING RETURNING 1"
LOCK_MODEL = "SELECT active_build FROM projecting.model WHERE name = $1 FOR UPDATE"
NEW_BUILD = """
INSERT INTO projecting.build (name, build, version, position, changed)
SELECT $1, 1 + coalesce(max(build), 0), $2, 0, 0 FROM projecting.build WHERE name = $1
"""
BUILDS = """
SELECT b.name, b.build, b.version, b.position, b.changed, b.build = m.active_build, b.stopped
FROM projecting.build b JOIN projecting.model m USING (name)
WHERE b.name = $1 OR $1 IS NULL ORDER BY b.name, b.build
"""
ADVANCE = """
UPDATE projecting.build b
SET position = s.position, changed = CASE WHEN s.writes THEN s.position ELSE b.changed END, stopped = s.stopped
FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[])
     AS s (name, build, expected, position, writes, stopped)
WHERE b.name = s.name AND b.build = s.build AND b.position = s.expected
RETURNING 1
"""
LOCK_BUILDS = "SELECT build, position FROM projecting.build WHERE name = $1 ORDER BY build FOR UPDATE"
ACTIVATE = "UPDATE projecting.model SET active_build = $2 WHERE name = $1"
SHOW_CHANGED = "UPDATE projecting.build SET changed = position WHERE name = $1 AND build = $2"
DROP_BUILDS = "DELETE FROM projecting.build WHERE name = $1 AND build <> $2"


def drop_rows(model: ReadModel[Any]) -> str:
    """Return the deletion of the rows of every build but $1."""
    return f"DELETE FROM read_model.{model.name} WHERE build <> $1"


def load(model: ReadModel[Any]) -> str:
    """Return the selection of build $1's rows under the keys in $2…."""
    names = ", ".join(f"r.{column.quoted}" for column in columns(model.row))
    return f"SELECT {names} FROM read_model.{model.name} r JOIN {_keys(model)} ON {_same_key(model)} WHERE r.build = $1"


def delete(model: ReadModel[Any]) -> str:
    """Return the deletion of build $1's rows under the keys in $2…."""
    return f"DELETE FROM read_model.{model.name} r USING {_keys(model)} WHERE r.build = $1 AND {_same_key(model)}"


def upsert(model: ReadModel[Any]) -> str:
    """Return the writing of build $1's rows, whose columns are the arrays $2…."""
    found = columns(model.row)
    names = ", ".join(column.quoted for column in found)
    rest = ", ".join(f"{column.quoted} = EXCLUDED.{column.quoted}" for column in found if column.name not in model.key)
    key = ", ".join(column.quoted for column in key_columns(model))
    return (
        f"INSERT INTO read_model.{model.name} (build, {names}) SELECT $1, {names} FROM {_arrays(found)} AS r ({names}) "
        f"ON CONFLICT (build, {key}) DO {f'UPDATE SET {rest}' if rest else 'NOTHING'}"
    )


def transposed(width: int, lines: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return the lines' values by column: one list for each array of a statement."""
    made: list[list[Any]] = [[] for _ in range(width)]
    for line in lines:
        for column, value in zip(made, line, strict=True):
            column.append(value)
    return made


def select(model: ReadModel[Any], query: Query) -> tuple[str, list[Any]]:
    """Return one statement, hence one snapshot: the active build's position, beside each row that the query names."""
    known = {column.name: column for column in columns(model.row)}
    arguments: list[Any] = [model.name]
    conditions = _conditions(known, query, arguments)
    order = [known[name] for name in query.order] or key_columns(model)
    if query.after is not None:
        conditions.append(_beyond(order, query.after, arguments, descending=query.descending))
    direction = " DESC" if query.descending else ""
    ordered = ", ".join(f"{column.quoted}{direction}" for column in order)
    limit = "" if query.limit is None else f"LIMIT {int(query.limit)}"
    names = ", ".join(column.quoted for column in known.values())
    inner = f"SELECT {names} FROM read_model.{model.name} WHERE {' AND '.join(conditions)} ORDER BY {ordered} {limit}"
    outer = ", ".join(f"r.{column.quoted}{direction}" for column in order)
    sql = (
        f"SELECT b.position, r.* FROM projecting.model m JOIN projecting.build b ON b.name = m.name AND b.build = m.active_build "
        f"LEFT JOIN LATERAL ({inner}) r ON true WHERE m.name = $1 ORDER BY {outer}"
    )
    return sql, arguments


def count(model: ReadModel[Any], query: Query) -> tuple[str, list[Any]]:
    """Return one statement: the active build's position, beside how many of its rows the query names, of all its pages."""
    arguments: list[Any] = [model.name]
    conditions = _conditions({column.name: column for column in columns(model.row)}, query, arguments)
    counted = f"SELECT count(*) FROM read_model.{model.name} WHERE {' AND '.join(conditions)}"
    sql = (
        f"SELECT b.position, ({counted}) FROM projecting.model m JOIN projecting.build b ON b.name = m.name AND b.build = m.active_build "
        "WHERE m.name = $1"
    )
    return sql, arguments


def _conditions(known: Mapping[str, Column], query: Query, arguments: list[Any]) -> list[str]:
    """Return what a row of the active build must fulfil; what it is compared with is added to the arguments."""
    conditions = ["build = b.build"]
    for name, wanted in query.where.items():
        conditions.append(_condition(known[name], wanted, arguments))
    if query.either:
        either = (" AND ".join(_condition(known[name], wanted, arguments) for name, wanted in one.items()) for one in query.either)
        conditions.append(f"({' OR '.join(f'({one})' for one in either)})")
    for sign, bounds in ((">=", query.least), ("<=", query.most)):
        for name, bound in bounds.items():
            arguments.append(bound)
            conditions.append(f"{known[name].quoted} {sign} ${len(arguments)}")
    for name, one in query.among.items():
        arguments.append(one)
        conditions.append(f"{known[name].quoted} @> to_jsonb(${len(arguments)}::text)")
    return conditions


def _condition(column: Column, wanted: object, arguments: list[Any]) -> str:
    if wanted is None:
        return f"{column.quoted} IS NULL"
    several = isinstance(wanted, list | tuple | set | frozenset)
    arguments.append(list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else wanted)
    return f"{column.quoted} = ANY(${len(arguments)})" if several else f"{column.quoted} = ${len(arguments)}"


def _beyond(order: Sequence[Column], after: Key, arguments: list[Any], *, descending: bool) -> str:
    places = []
    for value in after:
        arguments.append(value)
        places.append(f"${len(arguments)}")
    names = ", ".join(column.quoted for column in order)
    return f"({names}) {'<' if descending else '>'} ({', '.join(places)})"


def _keys(model: ReadModel[Any]) -> str:
    found = key_columns(model)
    return f"{_arrays(found)} AS k ({', '.join(column.quoted for column in found)})"


def _arrays(found: Sequence[Column]) -> str:
    arrays = (f"${at}::{column.sql.split()[0]}[]" for at, column in enumerate(found, start=2))
    return f"unnest({', '.join(arrays)})"


def _same_key(model: ReadModel[Any]) -> str:
    return " AND ".join(f"r.{column.quoted} = k.{column.quoted}" for column in key_columns(model))
