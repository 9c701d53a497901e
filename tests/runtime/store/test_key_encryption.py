"""Keys lie wrapped: without the right key-encryption key, or after a change, they do not open, and the error says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from contracts.personal import DataClass
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.key_encryption import KeyEncryptionKey, kek_in_file
from services._runtime.store.keyring import KeyUnreadable
from services._runtime.store.postgres_keyring import PostgresKeyring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.database import Cluster, Database

OWNER = ("person-1", DataClass.IDENTITY)


@pytest.fixture
async def keys_database(cluster: Cluster) -> AsyncIterator[Database]:
    """Give an empty database of keys."""
    async with cluster.fresh("keys") as database:
        yield database


@pytest.fixture
async def pool(keys_database: Database) -> AsyncIterator[asyncpg.Pool]:
    """Give connections to it as intake's role."""
    pool = await open_pool(keys_database.dsn)
    yield pool
    await pool.close()


async def test_another_key_encryption_key_is_told_apart_by_name(pool: asyncpg.Pool) -> None:
    """Whoever mixes up files learns which one is wanted."""
    right, wrong = KeyEncryptionKey(b"r" * 32), KeyEncryptionKey(b"w" * 32)
    await PostgresKeyring(pool, "intake", right).keys([OWNER])
    with pytest.raises(KeyUnreadable, match=f"{right.kek_id}, but {wrong.kek_id}.*ANCORA_KEK_FILE"):
        await PostgresKeyring(pool, "intake", wrong).keys([OWNER])


async def test_a_key_that_was_moved_to_another_person_does_not_open(pool: asyncpg.Pool, keys_database: Database) -> None:
    """I10: each wrapped key is bound to its row."""
    kek = KeyEncryptionKey(b"r" * 32)
    (key,) = (await PostgresKeyring(pool, "intake", kek).keys([OWNER])).values()
    owner = await asyncpg.connect(keys_database.owner_dsn)
    await owner.execute("update intake.key set subject = 'person-2'")
    await owner.close()
    with pytest.raises(KeyUnreadable, match="was changed"):
        await PostgresKeyring(pool, "intake", kek).by_id([key.key_id])


async def test_the_database_of_keys_holds_no_key_in_clear(pool: asyncpg.Pool) -> None:
    """What a backup of the keys database holds opens nothing."""
    (key,) = (await PostgresKeyring(pool, "intake", KeyEncryptionKey(b"r" * 32)).keys([OWNER])).values()
    row = await pool.fetchrow("select wrapped_sealing, wrapped_commitment from intake.key")
    assert row is not None
    assert key.sealing not in row[0]
    assert key.commitment not in row[1]


async def test_a_service_sees_no_other_services_keys(pool: asyncpg.Pool) -> None:
    """I8: the role of intake is shut out of the schema of tutors."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await PostgresKeyring(pool, "tutors", KeyEncryptionKey(b"r" * 32)).keys([OWNER])
    with pytest.raises(ValueError, match="not a service"):
        PostgresKeyring(pool, "nobody", KeyEncryptionKey(b"r" * 32))


async def test_keys_that_were_forgotten_by_memory_are_read_again(pool: asyncpg.Pool) -> None:
    """The memory is bounded, not the keyring."""
    keyring = PostgresKeyring(pool, "intake", KeyEncryptionKey(b"r" * 32), remembered=3)
    owners = [(str(new_id()), DataClass.NOTES) for _ in range(9)]
    made = await keyring.keys(owners)
    for owner in owners:
        assert await keyring.keys([owner]) == {owner: made[owner]}
        assert await keyring.by_id([made[owner].key_id]) == {made[owner].key_id: made[owner]}


def test_the_key_file_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    """A second start uses what the first one made."""
    path = tmp_path / "secrets" / "kek"
    first = kek_in_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert kek_in_file(path) == first
    assert [file.name for file in path.parent.iterdir()] == ["kek"]


async def test_processes_that_start_at_once_agree_on_one_key_file(tmp_path: Path) -> None:
    """Nobody wraps with a key that another start replaced."""
    path = tmp_path / "kek"
    made = await asyncio.gather(*(asyncio.to_thread(kek_in_file, path) for _ in range(8)))
    assert len(set(made)) == 1


@pytest.mark.parametrize("content", ["", "not hexadecimal", "abcd"])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    """A damaged file is never replaced: the keys would be lost with it."""
    path = tmp_path / "kek"
    path.write_text(content, encoding="ascii")
    with pytest.raises(KeyUnreadable):
        kek_in_file(path)
    assert path.read_text(encoding="ascii") == content
