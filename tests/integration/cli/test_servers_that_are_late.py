"""Preparing waits for a server that is on its way up, and says in words which one does not come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from deploy.local.ports import LOOPBACK, PortBook
from services._runtime.messaging.topics import ensure_topics
from services.cli.errors import DeploymentError
from services.cli.prepare import KAFKA, patiently, prepare
from tests.faults.proxy import Proxy
from tests.support.kafka import kafka_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.stack import RealParts


async def test_a_broker_whose_network_comes_late_is_waited_for(real_parts: RealParts, tmp_path: Path) -> None:
    """What it refuses at first is done once it answers."""
    proxy = Proxy(PortBook(tmp_path / "ports.json").port_for("late"), int(real_parts.kafka.rpartition(":")[2]))
    async with kafka_at(real_parts.kafka) as kafka:
        topic = await kafka.topic(partitions=2)
        coming = asyncio.create_task(_comes(proxy))
        try:
            made = await patiently(KAFKA, lambda: ensure_topics(f"{LOOPBACK}:{proxy.port}", [topic], partitions=2), 30)
            assert made == ()
            assert coming.done(), "it answered before it was there"
        finally:
            await coming
            await proxy.stop()


async def test_a_server_that_does_not_come_is_named_with_what_to_see_to(tmp_path: Path) -> None:
    """No stack of calls, and no password."""
    nobody = PortBook(tmp_path / "ports.json").port_for("nobody")
    with pytest.raises(DeploymentError, match=r"^PostgreSQL does not answer .* ANCORA_POSTGRES") as refused:
        await prepare(
            f"postgresql://postgres:canary@{LOOPBACK}:{nobody}/postgres",
            f"{LOOPBACK}:{nobody}",
            {},
            demonstration=False,
            tell=lambda _part, _state: None,
            patience_s=1,
        )
    assert "canary" not in str(refused.value)


async def _comes(proxy: Proxy) -> None:
    await asyncio.sleep(1)
    await proxy.start()
