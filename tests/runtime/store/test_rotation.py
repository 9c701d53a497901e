"""Keys are rotated beside processes that read and write, by processes that are killed, and nothing is ever unreadable."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from contracts.personal import DataClass
from services._runtime.ids import new_id
from services._runtime.store.connecting import connect
from services._runtime.store.key_encryption import KeyEncryptionKey, KnownKeys, kek_in_file, replace_kek
from services._runtime.store.key_wrapping import Wrapped
from services._runtime.store.keyring import Key, KeyUnreadable
from services._runtime.store.postgres_keyring import belongs
from services._runtime.store.recording import Recorder
from services._runtime.store.rotating import StillPresent
from tests.faults.waiting import until
from tests.runtime.store.rotated_elsewhere import STEPS
from tests.support.sealed_records import GRACE_S, KEK, SealedWorld, sealed_world
from tests.support.whole import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    import asyncpg

    from tests.support.database import Cluster

PERSONS = 12
INSIDE = "inside reseal"
_HELD = "select count(*) from pg_stat_activity where application_name = 'rotated elsewhere' and wait_event_type = 'Lock'"


@pytest.fixture
async def sealed(cluster: Cluster) -> AsyncIterator[SealedWorld]:
    """Give a store and its keys."""
    async with sealed_world(cluster) as world:
        yield world


@pytest.fixture
async def persons(sealed: SealedWorld) -> dict[UUID, list[str | None]]:
    """Record two texts each about some persons; return what is to be read of them."""
    recorder = Recorder(sealed.keyring())
    told: dict[UUID, list[str | None]] = {new_id(): [f"text {number}"] * 2 for number in range(PERSONS)}
    for person, texts in told.items():
        await sealed.write(recorder, person, str(texts[0]))
    return told


@asynccontextmanager
async def at_work(sealed: SealedWorld, told: dict[UUID, list[str | None]]) -> AsyncIterator[None]:
    """Read everything over and over with keys that are remembered for a while, and write a little, as another process does."""
    ending, began = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        recorder, turn = Recorder(sealed.keyring()), 0
        last = False
        while not last:
            # Everything is read once more after all is done, by keys that were learnt before.
            turn, last = turn + 1, ending.is_set()
            for person, texts in list(told.items()):
                assert await sealed.texts(recorder, person) == texts
            began.set()
            person = list(told)[turn % PERSONS]
            await sealed.write(recorder, person, f"turn {turn}")
            told[person] = [*told[person], f"turn {turn}", f"turn {turn}"]

    working = asyncio.create_task(work())
    try:
        await asyncio.wait({working, asyncio.create_task(began.wait())}, return_when=asyncio.FIRST_COMPLETED)
        yield
    finally:
        ending.set()
        await working


async def key_rows(sealed: SealedWorld) -> list[asyncpg.Record]:
    return list(await sealed.pool.fetch("select * from intake.key order by key_id"))


async def test_everything_is_sealed_anew_while_others_read_and_write_and_no_event_changes(
    sealed: SealedWorld, persons: dict[UUID, list[str | None]]
) -> None:
    """I10, I11: digests and commitments are what they were, and key ids stay."""
    events, ciphertexts, rows = await sealed.events(), await sealed.ciphertexts(), await key_rows(sealed)

    async with at_work(sealed, persons), sealed.rotation() as rotation:
        assert await rotation.run() == len(rows)

    assert (await sealed.events())[: len(events)] == events
    assert not await sealed.ciphertexts() & ciphertexts
    after = await key_rows(sealed)
    assert [row["key_id"] for row in after] == [row["key_id"] for row in rows]
    assert {row["stage"] for row in after} == {None}
    assert {row["wrapped_other"] for row in after} == {None}
    before = _secrets(rows)
    now = _secrets(after)
    assert not before["sealing"] & now["sealing"]
    assert before["commitment"] == now["commitment"]
    assert (await sealed.findings()).found == []


@pytest.mark.parametrize("where", [*STEPS[:-1], INSIDE])
async def test_a_rotation_that_is_killed_resumes_and_everything_is_readable_all_the_while(
    sealed: SealedWorld, persons: dict[UUID, list[str | None]], where: str
) -> None:
    """I1: whatever dies between two steps, each ciphertext opens under a secret that is stored."""
    ciphertexts = await sealed.ciphertexts()
    async with at_work(sealed, persons):
        await _rotated_until_killed(sealed, where)
        fresh = Recorder(sealed.keyring())
        assert [await sealed.texts(fresh, person) for person in persons]
        async with sealed.rotation() as rotation:
            await rotation.finish()
            assert {row["stage"] for row in await key_rows(sealed)} == {None}

    assert not await sealed.ciphertexts() & ciphertexts
    reader = Recorder(sealed.keyring())
    assert {person: await sealed.texts(reader, person) for person in persons} == persons
    assert (await sealed.findings()).found == []


async def test_one_persons_keys_are_rotated_alone(sealed: SealedWorld, persons: dict[UUID, list[str | None]]) -> None:
    """What others' keys sealed lies as it did."""
    person = next(iter(persons))
    ciphertexts = await sealed.ciphertexts()
    async with sealed.rotation() as rotation:
        assert await rotation.run(str(person)) == 2
    assert len(await sealed.ciphertexts() & ciphertexts) == len(ciphertexts) - 2
    assert (await sealed.findings()).found == []


async def test_what_was_erased_while_it_was_sealed_anew_does_not_come_back(
    sealed: SealedWorld, persons: dict[UUID, list[str | None]]
) -> None:
    """I7: a rotation replaces what it read, and adds nothing."""
    owner = await connect(sealed.world.database.owner_dsn)
    async with sealed.rotation() as rotation:
        await rotation.offer()
        await asyncio.sleep(GRACE_S + 0.1)
        await rotation.use()
        await asyncio.sleep(GRACE_S + 0.1)
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute("delete from store.sealed")
        resealing = asyncio.create_task(rotation.reseal())
        await asyncio.sleep(0.3)
        await transaction.commit()
        await resealing
    await owner.close()
    assert await sealed.ciphertexts() == set()
    assert len(persons) == PERSONS


async def test_the_key_encryption_key_is_rotated_beside_a_process_that_holds_the_old_one(
    sealed: SealedWorld, persons: dict[UUID, list[str | None]], tmp_path: Path
) -> None:
    """Who knows only the old key is refused and learns the new one; then nothing is wrapped by the old one any more."""
    path = tmp_path / "kek"
    path.write_text(KEK.hex(), encoding="ascii")
    old, other = KnownKeys(lambda: kek_in_file(path)), KnownKeys(lambda: kek_in_file(path))
    running = Recorder(sealed.keyring(old))

    replace_kek(path, text := kek_in_file(path).with_new_key())
    present = KnownKeys(lambda: kek_in_file(path))
    blinded = sealed.keyring(present).blinded("kind", "value")
    await sealed.write(running, new_id(), "written under the old one")
    async with sealed.rotation(present) as rotation:
        with pytest.raises(StillPresent):
            await rotation.retire([present.kek_id])
        await rotation.retire([key.kek_id for key in text.known()[1:]])
        await sealed.write(running, new_id(), "written by who was refused, and learnt")
        assert await rotation.rewrap() == 2 * PERSONS + 2
    replace_kek(path, text.present_only())

    assert {row["kek_id"] for row in await key_rows(sealed)} == {present.kek_id} != {KeyEncryptionKey(KEK).kek_id}
    for reader in (Recorder(sealed.keyring(other)), Recorder(sealed.keyring(KnownKeys(lambda: kek_in_file(path))))):
        assert {person: await sealed.texts(reader, person) for person in persons} == persons
    assert (await sealed.findings(other)).found == []
    assert sealed.keyring(KnownKeys(lambda: kek_in_file(path))).blinded("kind", "value") == blinded
    with pytest.raises(KeyUnreadable):
        await Recorder(sealed.keyring()).read(await sealed.world.store.load(f"person-{next(iter(persons))}"))


async def test_a_key_encryption_key_that_was_retired_wraps_nothing_whoever_holds_it(sealed: SealedWorld) -> None:
    """A process that can learn no other says so, and stores no key that would be lost with the old one."""
    present = KeyEncryptionKey(b"p" * 32)
    async with sealed.rotation(present) as rotation:
        await rotation.retire([KeyEncryptionKey(KEK).kek_id])
    with pytest.raises(KeyUnreadable, match="retired"):
        await sealed.write(Recorder(sealed.keyring()), new_id(), "text")
    assert await key_rows(sealed) == []


async def test_many_persons_are_read_with_one_query_for_their_keys(sealed: SealedWorld, persons: dict[UUID, list[str | None]]) -> None:
    """Lists, replays and verification cost the keys database a query for each batch, not for each person."""
    asked: list[str] = []
    stored = [event for person in persons for event in await sealed.world.store.load(f"person-{person}")]
    keyring = sealed.keyring()
    connections = [await sealed.pool.acquire() for _ in range(sealed.pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(lambda record: asked.append(record.query))
        await sealed.pool.release(connection)

    events = await Recorder(keyring).read(stored)

    assert len(events) == 2 * PERSONS
    assert len([query for query in asked if "from intake.key" in query]) == 1


async def _rotated_until_killed(sealed: SealedWorld, where: str) -> None:
    """Rotate in a process that is killed after a step, or inside the one that seals anew: held there by a row that somebody locked."""
    words = [sys.executable, "-m", "tests.runtime.store.rotated_elsewhere", sealed.keys.owner_dsn, sealed.world.database.owner_dsn]
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    holder = await connect(sealed.world.database.superuser_dsn)

    async def caught() -> bool:
        return bool(await holder.fetchval(_HELD))

    try:
        for step in STEPS:
            if where == INSIDE and step == "reseal":
                async with holder.transaction():
                    await holder.execute("select from store.sealed order by event_id desc limit 1 for update")
                    await until(caught)
                    process.kill()
                    await process.wait()
                return
            assert (await process.stdout.readline()).decode() == f"{step}\n"
            if step == where:
                return
            process.stdin.write(b"go on\n")
    finally:
        await holder.close()
        if process.returncode is None:
            process.kill()
            await process.wait()


def _secrets(rows: list[asyncpg.Record]) -> dict[str, set[bytes]]:
    """Return the secrets in rows of keys, none of which is being rotated."""
    kek, found = KeyEncryptionKey(KEK), dict[str, set[bytes]](sealing=set(), commitment=set())
    for row in rows:
        key = Key(row["key_id"], row["subject"], DataClass(row["data_class"]), b"", b"")
        for use, secrets in found.items():
            secrets.add(kek.opened(Wrapped(row[f"wrapped_{use}"], belongs("intake", key, use), row["kek_id"])))
    return found
