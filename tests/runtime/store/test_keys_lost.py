"""The keys database is backed up and lost apart from the events: without it everything verifies and nothing personal is readable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from contracts.envelope import NO_DIGEST, chain
from contracts.personal import DataClass
from services._runtime.ids import new_id
from services._runtime.store.connecting import connect
from services._runtime.store.recording import Recorder
from tests.support.backups import dump, put_back, script_of
from tests.support.sealed_records import KEK, SealedWorld, sealed_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.database import Cluster


@pytest.fixture
async def sealed(cluster: Cluster) -> AsyncIterator[SealedWorld]:
    """Give a store and its keys."""
    async with sealed_world(cluster) as world:
        yield world


async def test_with_its_keys_lost_a_store_verifies_and_replays_and_with_them_restored_it_is_readable_again(
    sealed: SealedWorld, tmp_path: Path
) -> None:
    """I7, I12: keys are a database of their own; a backup of the events alone opens nothing, and breaks nothing."""
    persons = {new_id(): f"text {number}" for number in range(5)}
    for person, text in persons.items():
        await sealed.write(Recorder(sealed.keyring()), person, text)
    assert (await sealed.findings()).found == []

    backup = tmp_path / "keys.dump"
    await asyncio.to_thread(dump, sealed.keys.superuser_dsn, backup, "--data-only", "--schema=intake")
    administrator = await connect(sealed.keys.superuser_dsn)
    await administrator.execute("delete from intake.key")
    await administrator.close()

    # Another process, which remembers nothing.
    reader = Recorder(sealed.keyring())
    assert [await sealed.texts(reader, person) for person in persons] == [[None, None]] * 5
    lost = await sealed.findings()
    assert lost.found == []
    assert lost.checked["intake.events"] == 10
    feed = await sealed.world.store.feed(after=0, limit=100)
    assert len(feed) == 10
    link = NO_DIGEST
    for event in feed:
        link = chain(link, event.generation, event.feed_position, event.recorded.digest)
        assert link == event.chain

    await asyncio.to_thread(put_back, sealed.keys.superuser_dsn, backup)
    assert [await sealed.texts(reader, person) for person in persons] == [[text, text] for text in persons.values()]
    assert (await sealed.findings()).found == []


async def test_backups_of_keys_and_of_events_hold_no_secret_and_no_text(sealed: SealedWorld, tmp_path: Path) -> None:
    """I6: in one are ids and wrapped bytes, in the other ids and ciphertexts; whoever has both lacks the key-encryption key."""
    person = new_id()
    await sealed.write(Recorder(sealed.keyring()), person, "Selam Prova")
    keys = (await sealed.keyring().keys([(str(person), DataClass.NOTES), (str(person), DataClass.CONTACT)])).values()

    await asyncio.to_thread(dump, sealed.keys.superuser_dsn, tmp_path / "keys.dump")
    await asyncio.to_thread(dump, sealed.world.database.superuser_dsn, tmp_path / "events.dump")
    both = [await asyncio.to_thread(script_of, tmp_path / name) for name in ("keys.dump", "events.dump")]

    assert all(str(person) in text for text in both)
    for secret in (*(key.sealing for key in keys), *(key.commitment for key in keys), KEK, b"Selam Prova"):
        assert not any(secret.hex() in text for text in both)
    assert not any("Selam Prova" in text for text in both)
