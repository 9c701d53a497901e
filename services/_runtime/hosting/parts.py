"""The parts that every process of a service makes once, on the real PostgreSQL: store, keys, commands, rows of read models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.topics import access_of
from services._runtime.clock import Clock, SystemClock
from services._runtime.handling import Commands
from services._runtime.observing.observer import Observer
from services._runtime.projecting.fenced import FencedRows
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.store.connecting import open_pool
from services._runtime.store.destroying import Destruction, nothing_to_purge
from services._runtime.store.fence import Fence
from services._runtime.store.key_encryption import KekText, KnownKeys, derived, kek_in_file
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_keyring import PostgresKeyring
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.reads import Reads
from services._runtime.store.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool

    from services._runtime.handling import Timetable
    from services._runtime.settings import RuntimeSettings
    from services._runtime.store.destroying import Purge
    from services._runtime.store.key_wrapping import KeyWrapper


Purging = Callable[["PostgresEventStore", "Pool"], "Purge"]


@dataclass(frozen=True, slots=True)
class Feed:
    """A store with a feed of its own; `grown` rings when that was committed. Its topic is that of `store.service`."""

    store: PostgresEventStore
    pool: Pool
    dsn: str
    grown: PostgresWakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a service's process works with.

    `wakes` ring when events or the journal were committed, `grown` when the feed was, `shown` when read models were.
    `fence` and `answers` are what callers are answered through; `feeds` what is ordered and relayed: the service's own, and that of
    the records of its reads, into which `reads` records.
    `secret` keys the HMACs of request bodies, the same in all its processes; `closing` is set when answers under way should end.
    """

    service: str
    settings: RuntimeSettings
    clock: Clock
    pool: Pool
    wakes: PostgresWakes
    grown: PostgresWakes
    shown: PostgresWakes
    store: PostgresEventStore
    keyring: PostgresKeyring
    commands: Commands
    rows: PostgresRows
    fence: Fence
    answers: FencedRows
    feeds: tuple[Feed, ...]
    reads: Reads
    secret: bytes
    closing: asyncio.Event
    observer: Observer

    @property
    def access(self) -> Feed:
        """The feed of the records of the service's reads."""
        return self.feed(access_of(self.service))

    def feed(self, name: str) -> Feed:
        """Return one of the service's feeds by its name; raises `LookupError` for one that is another's."""
        for feed in self.feeds:
            if feed.store.service == name:
                return feed
        raise LookupError(name)


def purging_nothing(_store: PostgresEventStore, _pool: Pool) -> Purge:
    """Return what purges nothing."""
    return nothing_to_purge


@asynccontextmanager
async def parts_of(
    service: str, settings: RuntimeSettings, timetable: Timetable, observer: Observer | None = None, purging: Purging = purging_nothing
) -> AsyncIterator[Parts]:
    """Give the parts, connected; close them afterwards. `purging` says what an erasure takes out beside what is sealed."""
    told = observer or Observer()
    wrapper = key_wrapper(settings)
    dsn = settings.database.get_secret_value()
    access_dsn = settings.access_database.get_secret_value()
    answers_dsn = settings.answers_database.get_secret_value()
    async with (
        await open_pool(dsn, name=f"ancora {service}") as pool,
        await open_pool(answers_dsn, name=f"ancora {service} answers") as answers_pool,
        await open_pool(settings.keys_database.get_secret_value(), size=3, name=f"ancora {service} keys") as keys_pool,
        PostgresWakes(dsn) as wakes,
        PostgresWakes(dsn, channel="feed") as grown,
        PostgresWakes(dsn, channel="read_models") as shown,
        await open_pool(access_dsn, size=3, name=f"ancora {service} access") as access_pool,
        PostgresWakes(access_dsn) as access_wakes,
        PostgresWakes(access_dsn, channel="feed") as access_grown,
    ):
        clock = SystemClock()
        store = PostgresEventStore(pool, service, wakes, grown=grown, clock=clock)
        keyring = PostgresKeyring(keys_pool, service, wrapper)
        recorder = Recorder(keyring)
        destruction = Destruction(store, recorder, purging(store, pool), timedelta(days=settings.key_backups_days))
        fence = Fence(answers_pool, clock)
        access = PostgresEventStore(access_pool, access_of(service), access_wakes, grown=access_grown, clock=clock)
        yield Parts(
            service=service,
            settings=settings,
            clock=clock,
            pool=pool,
            wakes=wakes,
            grown=grown,
            shown=shown,
            store=store,
            keyring=keyring,
            commands=Commands(store, recorder, timetable, observer=told, destruction=destruction),
            rows=PostgresRows(pool),
            fence=fence,
            answers=FencedRows(fence),
            feeds=(Feed(store, pool, dsn, grown), Feed(access, access_pool, access_dsn, access_grown)),
            reads=Reads(access, service, recorder, clock),
            secret=derived(wrapper.blinding, b"ancora request bodies"),
            closing=asyncio.Event(),
            observer=told,
        )


def key_wrapper(settings: RuntimeSettings) -> KeyWrapper:
    """Return what wraps the keys of persons: by the key-encryption keys of the file or, where none is given, of the variable."""
    path, text = settings.kek_file, settings.kek
    if path is not None:
        return KnownKeys(lambda: kek_in_file(path))
    given = "" if text is None else text.get_secret_value()
    return KnownKeys(lambda: KekText.read(given, "ANCORA_KEK"))
