"""What every keyring promises: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from contracts.personal import DataClass
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.key_encryption import KeyEncryptionKey
from services._runtime.store.keyring import MemoryKeyring, SubjectErased
from services._runtime.store.postgres_keyring import PostgresKeyring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.store.keyring import Keyring
    from tests.support.database import Cluster


@pytest.fixture(scope="module")
async def keyrings(server: Cluster | None) -> AsyncIterator[tuple[Keyring, Keyring]]:
    """Give two keyrings over the same keys, as two processes have them."""
    if server is None:
        keyring = MemoryKeyring()
        yield keyring, keyring
        return
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(server.fresh("keys"))
        pool = await open_pool(database.dsn)
        stack.push_async_callback(pool.close)
        kek = KeyEncryptionKey(b"k" * 32)
        yield PostgresKeyring(pool, "intake", kek), PostgresKeyring(pool, "intake", kek, remembered=2)


Keyrings = tuple["Keyring", "Keyring"]


async def test_a_key_is_made_where_it_is_missing_and_found_ever_after(keyrings: Keyrings) -> None:
    """One key per person and data class, the same for every process."""
    one, other = keyrings
    wanted = [(str(new_id()), data_class) for data_class in (DataClass.IDENTITY, DataClass.HEALTH)]

    made = await one.keys(wanted)

    assert set(made) == set(wanted)
    assert all((key.subject, key.data_class) == owner for owner, key in made.items())
    assert len({key.key_id for key in made.values()} | {key.sealing for key in made.values()}) == 4
    assert await one.keys(wanted) == await other.keys(wanted) == made


async def test_keys_are_found_by_their_ids_and_others_are_absent(keyrings: Keyrings) -> None:
    """A key that does not exist, or no longer, is not an error: what it sealed stays shut."""
    one, other = keyrings
    keys = (await one.keys([(str(new_id()), DataClass.NOTES), (str(new_id()), DataClass.NOTES)])).values()
    assert await other.by_id([*(key.key_id for key in keys), new_id()]) == {key.key_id: key for key in keys}
    assert await one.by_id([]) == {}
    assert await one.keys([]) == {}


async def test_keys_of_other_classes_are_not_given_whether_they_are_remembered_or_not(keyrings: Keyrings) -> None:
    """I8: what a caller is not told of is not opened, and so not by a process either that opened it a moment ago for somebody else."""
    one, other = keyrings
    person = str(new_id())
    made = await one.keys([(person, data_class) for data_class in DataClass])
    ids = [key.key_id for key in made.values()]
    told = {key.key_id: key for key in made.values() if key.data_class in (DataClass.NOTES, DataClass.IDENTITY)}
    for keyring in (other, one, other):
        assert await keyring.by_id(ids, [DataClass.NOTES, DataClass.IDENTITY]) == told
        assert await keyring.by_id(ids, []) == {}
    assert len(await other.by_id(ids)) == len(DataClass)


async def test_all_who_ask_for_a_missing_key_at_once_get_the_same(keyrings: Keyrings) -> None:
    """Two keys for one person would leave half of the record unreadable after an erasure missed one."""
    persons = [(str(new_id()), DataClass.CONTACT) for _ in range(20)]
    asked = [keyrings[turn % 2].keys(persons if turn % 3 else persons[::-1]) for turn in range(12)]
    answers = await asyncio.gather(*asked)
    assert all(answer == answers[0] for answer in answers)


async def test_many_keys_are_made_and_read_in_bulk(keyrings: Keyrings) -> None:
    """More than are kept in memory are still all returned."""
    one, other = keyrings
    wanted = [(str(new_id()), data_class) for _ in range(250) for data_class in (DataClass.IDENTITY, DataClass.CONTACT)]
    made = await one.keys(wanted)
    assert len(made) == 500
    assert await other.by_id([key.key_id for key in made.values()]) == {key.key_id: key for key in made.values()}


async def test_a_key_does_not_show_its_secrets_when_it_is_printed(keyrings: Keyrings) -> None:
    """I6: a log line that holds a key holds no secret."""
    (key,) = (await keyrings[0].keys([(str(new_id()), DataClass.HEALTH)])).values()
    assert str(key.sealing) not in repr(key)
    assert str(key.commitment) not in repr(key)


async def test_a_destroyed_key_is_absent_in_every_process_and_never_made_again(keyrings: Keyrings) -> None:
    """I7: whoever had the key in memory has it no longer, and nobody gets another for this person; others keep theirs."""
    one, other = keyrings
    person, neighbour = str(new_id()), str(new_id())
    made = await one.keys([(person, DataClass.IDENTITY), (person, DataClass.NOTES), (neighbour, DataClass.NOTES)])
    ids = {owner: key.key_id for owner, key in made.items()}
    assert len(await other.by_id(ids.values())) == 3

    destroyed = await one.destroy(person)

    assert destroyed == {key_id for (subject, _), key_id in ids.items() if subject == person}
    assert await one.destroy(person) == await other.destroy(person) == destroyed, "repeated after a fall, it says the same"
    for keyring in keyrings:
        assert set(await keyring.by_id(ids.values())) == {ids[neighbour, DataClass.NOTES]}
        for data_class in (DataClass.IDENTITY, DataClass.HEALTH):
            with pytest.raises(SubjectErased):
                await keyring.keys([(neighbour, DataClass.NOTES), (person, data_class)])
    assert await one.keys([(neighbour, DataClass.NOTES)]) == {(neighbour, DataClass.NOTES): made[neighbour, DataClass.NOTES]}


async def test_a_process_that_holds_a_key_in_memory_forgets_it_when_another_destroys_it(keyrings: Keyrings) -> None:
    """I7: a cache does not go on opening; the process is told by nobody, and asks before it uses what it remembers."""
    one, other = keyrings
    (key,) = (await one.keys([(str(new_id()), DataClass.CONTACT)])).values()
    assert await other.by_id([key.key_id]) == {key.key_id: key}

    await one.destroy(key.subject)
    await asyncio.sleep(1.1)

    assert await other.by_id([key.key_id]) == {}
    with pytest.raises(SubjectErased):
        await other.keys([(key.subject, DataClass.CONTACT)])


async def test_keys_made_while_others_destroy_are_destroyed_or_refused(keyrings: Keyrings) -> None:
    """I7: whichever comes first, no key of the person is left."""
    for _ in range(10):
        person = str(new_id())
        making = [keyrings[turn % 2].keys([(person, data_class)]) for turn, data_class in enumerate(DataClass)]
        answers = await asyncio.gather(*making[:4], keyrings[1].destroy(person), *making[4:], return_exceptions=True)
        assert all(isinstance(answer, dict | frozenset | SubjectErased) for answer in answers), answers
        made = [key.key_id for answer in answers if isinstance(answer, dict) for key in answer.values()]
        assert set(made) <= await keyrings[0].destroy(person)
        assert await keyrings[0].by_id(made) == {}
