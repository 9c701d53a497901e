"""What a database holds, from its own catalogue: tables and views, how they are fenced, and a row for each that has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    import asyncpg

OURS, THEIRS = "ciac", "another"
PERSON = UUID("6a1f1a3e-0000-4000-8000-000000000001")
STREAM = f"person-{PERSON}"

_RELATIONS = """
select n.nspname || '.' || c.relname as name, c.relkind::text as kind, c.relrowsecurity and c.relforcerowsecurity as forced,
    coalesce('security_invoker=true' = any(c.reloptions), false) as invoker
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
order by 1
"""
_COLUMNS = """
select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = '' order by a.attnum
"""
_BY_NAME: dict[str, Any] = {
    "organisation": OURS,
    "responsible_organisation": OURS,
    "actor_organisation": OURS,
    "clock": "system",
    "stream_id": STREAM,
    "stream": "person",
    "event_id": PERSON,
    "person_id": PERSON,
    "municipality": "034027",
    "member": "somebody-1",
    "team_id": UUID(int=7),
    "name": "person_timeline",
}
_BY_TYPE: dict[str, Any] = {
    "text": "one",
    "bytea": bytes(32),
    "boolean": True,
    "smallint": 1,
    "integer": 1,
    "bigint": 1,
    "uuid": PERSON,
    "date": date(2021, 3, 1),
    "timestamp with time zone": datetime(2021, 3, 1, tzinfo=UTC),
    "jsonb": "[]",
    "text[]": ["one"],
    "bigint[]": [1],
}
_BY_TABLE: dict[str, dict[str, Any]] = {
    # A key that was destroyed is not the one that sealed the row of `store.sealed`: the store refuses what such a key sealed.
    "store.erased_key": {"key_id": UUID(int=8)},
    "private.likeness_key": {"key": bytes(16)},
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view; `forced` is row-level security that holds for its owner too, `invoker` a view that asks as its reader."""

    name: str
    kind: str
    forced: bool
    invoker: bool

    @property
    def fenced(self) -> bool:
        """Tell whether it shows nobody more than the policies let them have."""
        return self.invoker if self.kind == "v" else self.forced


async def relations(connection: asyncpg.Connection) -> list[Relation]:
    """Return every table and view of the database but PostgreSQL's own."""
    return [Relation(**record) for record in await connection.fetch(_RELATIONS)]


async def fill(superuser: asyncpg.Connection, table: str) -> None:
    """Put a row of ours into a table that has none: any value where no name says which."""
    if await superuser.fetchval(f"select count(*) from {table}"):  # noqa: S608 - a name of the catalogue
        return
    columns = await superuser.fetch(_COLUMNS, table)
    told = _BY_NAME | _BY_TABLE.get(table, {})
    values = [told.get(column["name"], _BY_TYPE[column["type"]]) for column in columns]
    names, places = ", ".join(f'"{column["name"]}"' for column in columns), ", ".join(f"${at}" for at in range(1, len(values) + 1))
    async with superuser.transaction():
        # A row alone satisfies no foreign key.
        await superuser.execute("set local session_replication_role = replica")
        await superuser.execute(f"insert into {table} ({names}) values ({places})", *values)  # noqa: S608 - as above
