"""Parked records in the service's own database: the table `messaging.parked`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.messaging.parking import COLUMNS, Parked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncpg import Connection, Pool

PARK = f"""
insert into messaging.parked ({", ".join(COLUMNS)}) values ({", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))})
on conflict do nothing
"""  # noqa: S608 - constant column names


class PostgresParking:
    """What a service's consumers have parked."""

    def __init__(self, pool: Pool) -> None:
        """Use the pool of the service's database."""
        self._pool = pool

    async def park(self, parked: Parked) -> None:
        """See `Parking.park`."""
        await self._pool.execute(PARK, *parked.row())

    async def waits(self, consumer: str, key: str) -> bool:
        """See `Parking.waits`."""
        query = "select exists (select from messaging.parked where consumer = $1 and waiting_key = $2)"
        return bool(await self._pool.fetchval(query, consumer, key))

    async def count(self, consumer: str) -> int:
        """See `Parking.count`."""
        return int(await self._pool.fetchval("select count(*) from messaging.parked where consumer = $1", consumer))


async def park_all(connection: Connection, parked: Iterable[Parked]) -> None:
    """Park within a transaction of the caller's: that which moves the position past the records."""
    rows = [each.row() for each in parked]
    if rows:
        await connection.executemany(PARK, rows)
