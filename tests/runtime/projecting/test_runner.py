"""The runner: level models share a read, a stop is exact, a rebuild swaps whole, and rows equal their replay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import FeedEvent
from contracts.intake import BeneficiaryExited, NoteAdded
from contracts.intake_codes import Destination, ExitReason
from services._runtime.projecting.hashing import compare, replay_hash, row_hash
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.model import ReadModel
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.rebuild import RebuildStopped, rebuild
from services._runtime.projecting.runner import Runner
from tests.runtime.projecting.models import COUNTS, PEOPLE, CountRow, enrolled, household
from tests.support.read_models import ListSource, feed_of, happened

Rows = MemoryRows | PostgresRows


def person(number: int) -> UUID:
    return UUID(int=number, version=4)


def exited(number: int, episode: int = 1) -> BeneficiaryExited:
    return BeneficiaryExited(beneficiary_id=person(number), episode=episode, reason=ExitReason.MOVED_AWAY, destination=Destination.OWN_HOME)


def a_feed() -> list[FeedEvent]:
    people = [happened(enrolled(person(number)), territory="BG" if number % 3 else "PR") for number in range(1, 21)]
    return feed_of("intake", [*people, household(1), exited(3), exited(4, episode=2), household(2)])


def unreadable(event: FeedEvent) -> FeedEvent:
    """Return the event with data of no contract."""
    return replace(event, recorded=replace(event.recorded, data=b'{"secret": "Rossi"}'))


async def until_level(runner: Runner) -> None:
    while await runner.step():
        pass


async def test_models_follow_their_source_and_share_one_read(rows: Rows) -> None:
    source = ListSource(a_feed())
    runner = Runner([PEOPLE, COUNTS], source, rows, batch=10)
    await until_level(runner)
    assert source.reads == 3, "three batches for both models, the last of which is not full"
    assert len((await rows.rows(PEOPLE)).value) == 19
    assert (await rows.row(COUNTS, ("PR", "intake.household_formed"))).value == CountRow("PR", "intake.household_formed", 2)
    assert [(one.name, one.position, one.lag, one.stopped) for one in await runner.status()] == [
        ("people", 24, 0, None),
        ("counts", 24, 0, None),
    ]


@pytest.mark.parametrize("batch", [1, 7, 100])
async def test_rows_equal_their_replay_by_hash_whatever_the_batches(rows: Rows, batch: int) -> None:
    """I5."""
    source = ListSource(a_feed())
    await until_level(Runner([PEOPLE, COUNTS], source, rows, batch=batch))
    models: tuple[ReadModel[Any], ...] = (PEOPLE, COUNTS)
    for model in models:
        found = await compare(model, source, rows)
        assert found.equal
        assert found.position == 24
        assert found.expected == await replay_hash(model, source)
        assert found.found != row_hash(model, (await rows.rows(model)).value[1:])


async def test_a_model_that_cannot_fold_an_event_stops_before_it_and_says_so_while_others_go_on(rows: Rows) -> None:
    """I5: it never skips; and what it says quotes no value (I6)."""
    source = ListSource(feed_of("intake", [enrolled(person(1)), household(1), NoteAdded(beneficiary_id=person(1)), household(2)]))
    runner = Runner([COUNTS, PEOPLE], source, rows)
    await until_level(runner)
    counts, people = await runner.status()
    assert (counts.position, counts.lag) == (2, 2)
    assert counts.stopped == "cannot fold intake.note_added at position 3: LookupError"
    assert (people.position, people.stopped) == (4, None)
    assert sum(row.events for row in (await rows.rows(COUNTS)).value) == 2


async def test_bytes_that_no_contract_reads_stop_only_the_models_that_want_them(rows: Rows) -> None:
    feed = feed_of("intake", [enrolled(person(1)), household(1), enrolled(person(2))])
    runner = Runner([COUNTS, PEOPLE], ListSource([feed[0], unreadable(feed[1]), feed[2]]), rows)
    await until_level(runner)
    counts, people = await runner.status()
    assert counts.stopped == "cannot fold intake.household_formed at position 2: ValidationError"
    assert (people.position, people.stopped) == (3, None), "what a model does not read is passed without decoding"


async def test_a_stopped_model_is_tried_again_by_the_next_process(rows: Rows) -> None:
    feed = feed_of("intake", [enrolled(person(1)), household(1)])
    await until_level(Runner([COUNTS], ListSource([feed[0], unreadable(feed[1])]), rows))
    later = Runner([COUNTS], ListSource(feed), rows)
    await until_level(later)
    assert [(one.position, one.stopped) for one in await later.status()] == [(2, None)]


async def test_two_runners_beside_each_other_count_nothing_twice(rows: Rows) -> None:
    """I4, I5: each step is a compare-and-set on the position."""
    source = ListSource(a_feed())
    runners = [Runner([PEOPLE, COUNTS], source, rows, batch=3) for _ in range(2)]
    await asyncio.gather(*(until_level(runner) for runner in runners))
    assert (await compare(COUNTS, source, rows)).equal
    assert (await rows.rows(COUNTS)).position == 24


async def test_a_model_that_is_behind_catches_up_and_reads_with_the_others_from_then_on(rows: Rows) -> None:
    source = ListSource(a_feed()[:12])
    await until_level(Runner([PEOPLE], source, rows))
    source.events = a_feed()
    source.reads = 0
    await until_level(Runner([PEOPLE, COUNTS], source, rows))
    assert source.reads == 2, "one up to where the other stands, one for both"
    assert (await compare(COUNTS, source, rows)).equal


async def test_a_new_version_is_built_beside_and_swapped_when_it_has_caught_up(rows: Rows) -> None:
    source = ListSource(a_feed())
    await until_level(Runner([COUNTS], source, rows))
    newer = replace(COUNTS, version=2)
    runner = Runner([newer], source, rows, batch=5)
    await runner.step()
    assert (await rows.rows(COUNTS)).position == 24, "the old rows are read meanwhile"
    await until_level(runner)
    assert [(build.build, build.version, build.active) for build in await rows.builds()] == [(2, 2, True)]
    assert (await compare(newer, source, rows)).equal


async def test_a_rebuild_restores_rows_and_tells_its_progress(rows: Rows) -> None:
    """I12: a read model that was damaged or wiped is refilled from its source."""
    source = ListSource(a_feed())
    runner = Runner([COUNTS], source, rows)
    await until_level(runner)
    before = row_hash(COUNTS, (await rows.rows(COUNTS)).value)
    told: list[tuple[int, int]] = []
    result = await rebuild(COUNTS, source, rows, on_progress=lambda position, head: told.append((position, head)), batch=10)
    assert (result.build, result.position, result.resumed_at) == (2, 24, 0)
    assert told == [(10, 24), (20, 24), (24, 24)]
    assert row_hash(COUNTS, (await rows.rows(COUNTS)).value) == before
    source.events.append(feed_of("intake", [*[household(number) for number in range(30)]])[29])
    await until_level(runner)
    assert (await rows.rows(COUNTS)).position == 25, "the runner goes on with the new build"


async def test_a_rebuild_that_was_cut_off_resumes(rows: Rows) -> None:
    source = ListSource(a_feed())
    await until_level(Runner([COUNTS], source, rows))

    class Killed(Exception):
        pass

    def kill(position: int, _head: int) -> None:
        if position == 20:
            raise Killed

    with pytest.raises(Killed):
        await rebuild(COUNTS, source, rows, on_progress=kill, batch=10)
    assert (await compare(COUNTS, source, rows)).equal, "the old rows are read meanwhile"
    assert (await rebuild(COUNTS, source, rows)).resumed_at == 20
    assert (await compare(COUNTS, source, rows)).equal
    assert [build.build for build in await rows.builds()] == [2]


async def test_a_rebuild_that_meets_what_it_cannot_fold_leaves_the_old_rows(rows: Rows) -> None:
    feed = feed_of("intake", [household(1), household(2)])
    await until_level(Runner([COUNTS], ListSource(feed), rows))
    with pytest.raises(RebuildStopped, match=r"cannot fold intake\.household_formed at position 2"):
        await rebuild(COUNTS, ListSource([feed[0], unreadable(feed[1])]), rows)
    assert (await rows.row(COUNTS, ("PR", "intake.household_formed"))).value == CountRow("PR", "intake.household_formed", 2)


async def test_an_event_is_folded_into_all_its_rows_or_none() -> None:
    def fail_on_second(row: CountRow | None, _fact: object, key: tuple[object, ...]) -> CountRow:
        if key[1] == "second":
            raise RuntimeError
        return CountRow(str(key[0]), str(key[1]), 1)

    two = replace(COUNTS, keys_of=lambda _fact: [("PR", "first"), ("PR", "second")], evolve=fail_on_second)
    rows = MemoryRows()
    await until_level(Runner([two], ListSource(feed_of("intake", [household(1)])), rows))
    assert (await rows.rows(two)).value == ()
