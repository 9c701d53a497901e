"""`ancora verify`: proves, from the bytes up, that every place holds what was recorded, and says where one does not."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from contracts.topics import service_of
from services._runtime.hosting.parts import parts_of
from services.cli.console import FAILED, OK, err, out
from services.cli.deployment import running, told
from services.cli.services import services, settings_of
from services.cli.verification.coverage import check_coverage
from services.cli.verification.findings import Findings
from services.cli.verification.journal import check_journal
from services.cli.verification.kafka import check_kafka
from services.cli.verification.models import check_models
from services.cli.verification.stores import check_store
from services.cli.verification.topics import present_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Pool

    from services._runtime.hosting.parts import Feed
    from services.cli.deployment import Deployment
    from services.cli.verification.stores import Fed

_SETTLING_S = 30.0
"""How long what is on its way may take to arrive everywhere before it counts as missing."""

_JOURNALLED = "select source, generation, max(feed_position) from messaging.journal group by 1, 2"


def run(*, as_json: bool, coverage: bool) -> None:
    """Verify the running Ancora, and where asked that every type of event was recorded; exit 1 on a finding."""
    with told():
        findings = asyncio.run(verify(running(), coverage=coverage))
    if as_json:
        out.print_json(json.dumps(findings.report()))
    else:
        _print(findings)
    raise typer.Exit(FAILED if findings.found else OK)


async def verify(deployment: Deployment, *, coverage: bool = False) -> Findings:
    """Check stores, feeds, Kafka, journal and read models, as they are at one moment after what was under way has arrived.

    With `coverage` a type of event that was never recorded is a finding, too.
    """
    findings = Findings()
    async with AsyncExitStack() as stack:
        parts = {
            name: await stack.enter_async_context(parts_of(name, settings_of(deployment, name), service.timetable))
            for name, service in services().items()
        }
        feeds = {feed.store.service: feed for one in parts.values() for feed in one.feeds}
        relayed = await _settled(feeds, parts["reporting"].pool)
        # Where Kafka and the journal end is looked at before the stores are read: what they hold up to there, a store must know.
        ends = await present_ends(deployment.kafka)
        head: int = await parts["reporting"].pool.fetchval("select coalesce(max(position), 0) from messaging.journal")
        fed: dict[str, Fed] = {}
        for name, feed in feeds.items():
            err.print(f"  store and feed of {name} …")
            async with feed.pool.acquire() as connection:
                fed[name] = await check_store(name, connection, parts[service_of(name)].keyring, findings)
        err.print("  Kafka …")
        await check_kafka(deployment.kafka, ends, fed, relayed, findings)
        err.print("  journal …")
        async with parts["reporting"].pool.acquire() as connection:
            await check_journal(connection, head, fed, relayed, findings)
            if coverage:
                await check_coverage(connection, head, findings)
        for name, service in services().items():
            err.print(f"  read models of {name} …")
            await check_models(name, service.models, service.source(parts[name]), parts[name].rows, findings)
    return findings


async def _settled(feeds: Mapping[str, Feed], journal: Pool) -> dict[str, tuple[int, int]]:
    """Wait until each relay has reached the present end of its feed and the journal has it; return (generation, cursor) by feed."""
    heads = {name: await one.store.feed_head() for name, one in feeds.items()}
    deadline = time.monotonic() + _SETTLING_S
    while True:
        relayed = {name: (await one.pool.fetch("select generation, cursor from store.relay"))[0] for name, one in feeds.items()}
        journalled = {(row["source"], row["generation"]): row["max"] for row in await journal.fetch(_JOURNALLED)}
        level = all((row["generation"], row["cursor"]) >= heads[name][:2] for name, row in relayed.items())
        arrived = all(journalled.get((name, generation), 0) >= head for name, (generation, head, *_) in heads.items())
        if (level and arrived) or time.monotonic() > deadline:
            return {name: (row["generation"], row["cursor"]) for name, row in relayed.items()}
        await asyncio.sleep(0.2)


def _print(findings: Findings) -> None:
    for what, count in findings.checked.items():
        out.print(f"  {what:<26} {count:>9}", markup=False)
    if not findings.found:
        out.print("Everything is as it was recorded.")
        return
    table = Table("check", "where", "expected", "found", title="not as recorded", show_lines=True)
    for finding in findings.found:
        table.add_row(finding.check, finding.where, finding.expected, finding.found)
    out.print(table)
    if findings.unlisted:
        out.print(f"and {findings.unlisted} more of the same checks")
