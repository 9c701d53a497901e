"""`ancora reopen FEED`: after a restore, takes back what the world has seen, says what is lost, opens a new generation of the feed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from contracts.topics import TOPICS, service_of, topic_of
from deploy.local.paths import default_home
from deploy.local.stack import STACK_ERRORS, EmbeddedStack
from deploy.local.supervision import supervisor_pid_file
from services._runtime.handling import no_timers
from services._runtime.hosting.parts import parts_of
from services._runtime.messaging.journal_postgres import PostgresJournal
from services._runtime.messaging.restoring import Past, Restored, compare, give_up, lost_events, seen, take_back
from services._runtime.messaging.topics import ensure_topics
from services._runtime.provisioning import OWNER, database_of, provision
from services._runtime.store.leadership import Leadership
from services._runtime.store.reopening import DoesNotFollow, reopening
from services.cli.console import err, fail, out, part_progress
from services.cli.continuity import note_ended
from services.cli.deployment import running, start_parts, told
from services.cli.errors import DeploymentError
from services.cli.levelling import level_journal, read_again
from services.cli.services import chosen_feeds, services, settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services._runtime.hosting.parts import Feed, Parts
    from services._runtime.messaging.restoring import Seen
    from services._runtime.store.leadership import Lease
    from services.cli.deployment import Deployment

_LISTED = 20
_UNFED = """
select type, event_id, stream_id, stream_version from store.outbox join store.events using (position) order by position
"""
_LEAD_S = 5.0
"""How long to wait for the lead of the work that must rest: one that is free is had at once."""


def run(feed: str, *, given_up: bool, as_json: bool) -> None:
    """Reopen one feed's store or all. One that contradicts what was seen is left as it is, unless `given_up` lets it go on with its own."""
    wanted = chosen_feeds(feed)
    try:
        with told():
            restored, contradictions = asyncio.run(_reopen(wanted, given_up=given_up))
    except STACK_ERRORS as error:
        fail(str(error))
    if as_json:
        out.print_json(json.dumps([asdict(one) for one in restored], default=str))
    else:
        for one in restored:
            _print(one)
    if contradictions:
        fail("\n".join(contradictions))


async def _reopen(chosen: Sequence[str], *, given_up: bool) -> tuple[list[Restored], list[str]]:
    """Return what was done, and in words what was left as it is."""
    known = services()
    restored: list[Restored] = []
    contradictions: list[str] = []
    async with _at_rest() as deployment, AsyncExitStack() as stack:
        parts = {
            name: await stack.enter_async_context(parts_of(name, settings_of(deployment, name), known[name].timetable))
            for name in {*(service_of(feed) for feed in chosen), "reporting"}
        }
        feeds = {name: parts[service_of(name)].feed(name) for name in chosen}
        fences = {
            name: [await stack.enter_async_context(_led(feed, kind)) for kind in ("sequence", "relay")] for name, feed in feeds.items()
        }
        ingest = await stack.enter_async_context(_led(parts["reporting"].feed("reporting"), "ingest"))
        err.print("  bringing the journal level with Kafka …")
        await level_journal(known["reporting"], parts["reporting"], ingest)
        for name, feed in feeds.items():
            done = await _reopen_one(deployment, feed, parts["reporting"], fences[name], given_up=given_up)
            if isinstance(done, Restored):
                restored.append(done)
            else:
                contradictions.append(done)
        await note_ended(deployment.admin_dsn)
    return restored, contradictions


async def _reopen_one(deployment: Deployment, feed: Feed, reporting: Parts, fences: Sequence[Lease], *, given_up: bool) -> Restored | str:
    """Return what was done; or why nothing was, in words."""
    name = feed.store.service
    journal = PostgresJournal(reporting.pool, reporting.wakes)
    ended = await reporting.pool.fetch("select generation, feed_end from messaging.ended where source = $1", name)
    past = await compare(feed.store, journal, name, {row[0]: row[1] for row in ended})
    # The record of a service's reads has neither deliveries nor timers.
    service = services().get(name)
    manager, timetable = (None, no_timers) if service is None else (service.process_manager, service.timetable)
    if manager is not None:
        # What it handled is known by its inbox; what it handled only in the part that was lost is handled again.
        await read_again(deployment.kafka, manager.name, [topic_of(source) for source in manager.sources])
    owner_dsn, consumer = deployment.dsn(database_of(name), OWNER), None if manager is None else manager.name
    try:
        async with reopening(owner_dsn, *fences) as store:
            return await take_back(past, journal, store, consumer=consumer, timetable=timetable)
    except DoesNotFollow as reason:
        if not given_up:
            return await _contradiction(past, journal, feed, str(reason))
    async with reopening(owner_dsn, *fences) as store:
        return await give_up(past, journal, store)


async def _contradiction(past: Past, journal: PostgresJournal, feed: Feed, reason: str) -> str:
    lost = [seen(event) async for events in lost_events(journal, past) for event in events]
    own = [seen(event) for event in await feed.store.feed(after=past.agreed, limit=_LISTED, generation=past.generation)]
    unfed = await feed.pool.fetch(_UNFED)
    return "\n".join(
        [
            f"{past.source}: after its restore the store went on where the world has seen other events ({reason}). Nothing was changed.",
            f"The world has seen {len(lost)}:",
            *_lines(lost),
            f"The store recorded {past.held - past.agreed} of its own, and {len(unfed)} that are not in its feed yet:",
            *_lines(own),
            *(
                f"    not in the feed  {type_name}  {event_id}  {stream} {version}"
                for type_name, event_id, stream, version in unfed[:_LISTED]
            ),
            "Either restore the backup once more and reopen before anything else starts: then what the store recorded since is gone.",
            f"Or `./ancora reopen {past.source} --give-up`: the store goes on with its own, and never again knows what is listed first.",
        ]
    )


@asynccontextmanager
async def _led(feed: Feed, kind: str) -> AsyncIterator[Lease]:
    """Lead a kind of work so that nobody does it meanwhile."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(_LEAD_S):
                lease = await stack.enter_async_context(Leadership(feed.dsn, kind, holder="ancora reopen").led())
        except TimeoutError:
            raise DeploymentError(f"{service_of(feed.store.service)} is running somewhere ({kind} is led): end it first") from None
        yield lease


@asynccontextmanager
async def _at_rest() -> AsyncIterator[Deployment]:
    """Give the deployment with its parts running and its services down, at the newest schema; end the parts that were started here."""
    home = default_home()
    if supervisor_pid_file(home).process() is not None:
        raise DeploymentError("the services are running: end them first with `./ancora down`")
    stack = EmbeddedStack(home)
    try:
        deployment, ours = running(), False
    except DeploymentError:
        deployment, ours = await start_parts(home, part_progress()), True
    try:
        # A backup may be older than the tables of this version.
        await provision(deployment.admin_dsn, passwords=deployment.passwords(), demonstration=deployment.development)
        await ensure_topics(deployment.kafka, TOPICS)
        yield deployment
    finally:
        if ours:
            await stack.stop()


def _print(restored: Restored) -> None:
    name = restored.source
    out.print(f"{name}: generation {restored.generation} of its feed begins")
    if not restored.adopted and not restored.given_up:
        out.print("  Nothing that was seen outside is missing. What never left the store before the restore cannot be known: it is gone.")
        return
    if restored.given_up:
        out.print(
            f"  {len(restored.given_up)} events that were seen outside are given up; journal and Kafka hold them, the store never will:"
        )
        _tell(restored.given_up)
        return
    unreadable = [one for one in restored.adopted if one.sealed]
    out.print(f"  {len(restored.adopted)} events came back from the journal:")
    _tell(restored.adopted)
    out.print(f"  {restored.handled} deliveries are known to have been handled, {restored.timers} timers are set again")
    out.print(f"  Lost for good: the personal fields of {len(unreadable)} of these events, as if they had been erased")
    out.print("  Lost for good: the idempotency keys of requests since the backup, and what never left the store before the restore")


def _tell(events: Sequence[Seen]) -> None:
    for type_name, count in sorted(Counter(one.type for one in events).items()):
        out.print(f"    {count:>7} {type_name}", markup=False)
    for line in _lines(events):
        out.print(line, markup=False)


def _lines(events: Sequence[Seen]) -> list[str]:
    lines = [
        f"    generation {one.generation} position {one.feed_position}  {one.type}  {one.event_id}  {one.stream_id} {one.stream_version}"
        for one in events[:_LISTED]
    ]
    return [*lines, f"    and {len(events) - _LISTED} more: --json lists them all"] if len(events) > _LISTED else lines
