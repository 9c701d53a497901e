"""The store of rows: one suite, on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.intake_codes import Sex
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.port import Advance, Build, Moved, Query, Read
from services._runtime.projecting.postgres import PostgresRows
from tests.runtime.projecting.models import COUNTS, PEOPLE, CountRow, Mark, PersonRow

Rows = MemoryRows | PostgresRows
MOMENT = datetime(2021, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)


def person(number: int, **changes: object) -> PersonRow:
    row = PersonRow(
        person_id=UUID(int=number, version=4),
        territory="PR",
        sex=Sex.MALE,
        episode=1,
        present=True,
        left=None,
        seen_at=MOMENT,
        proof=b"\x00\xff",
        marks=(Mark(MOMENT, "«è»"), Mark(MOMENT, None)),
    )
    return replace(row, **changes)  # type: ignore[arg-type] # any of its fields


async def write(rows: Rows, position: int, *added: PersonRow, **more: object) -> Build:
    build = await rows.open(PEOPLE)
    step = Advance(model=PEOPLE, build=build.build, expected=build.position, position=position, added=added)
    await rows.advance([replace(step, **more)])  # type: ignore[arg-type] # any of its fields
    return await rows.open(PEOPLE)


async def test_a_model_that_never_was_is_active_at_position_zero(rows: Rows) -> None:
    assert (await rows.rows(PEOPLE)).position == 0
    assert await rows.open(PEOPLE) == Build("people", 1, 1, 0, 0, active=True)
    assert await rows.open(PEOPLE) == Build("people", 1, 1, 0, 0, active=True)


async def test_rows_come_back_as_they_were_written_with_the_position(rows: Rows) -> None:
    wanted = (person(1), person(2, sex=None, left=date(2022, 1, 31), present=False, marks=()))
    await write(rows, 7, *wanted)
    assert await rows.load(PEOPLE, 1, [PEOPLE.key_of(row) for row in wanted] + [(UUID(int=9),)]) == {
        PEOPLE.key_of(row): row for row in wanted
    }
    found = await rows.rows(PEOPLE)
    assert found.position == 7
    assert found.value == wanted
    assert (await rows.row(PEOPLE, (person(1).person_id,))).value == person(1)
    assert (await rows.row(PEOPLE, (UUID(int=9),))).value is None
    assert (await rows.row(PEOPLE, (UUID(int=9),))).position == 7


async def test_many_new_rows_are_written_too(rows: Rows) -> None:
    """Beyond a threshold rows go by COPY."""
    wanted = tuple(person(number) for number in range(1, 1001))
    await write(rows, 1000, *wanted)
    assert set((await rows.rows(PEOPLE)).value) == set(wanted)


async def test_rows_are_replaced_and_deleted(rows: Rows) -> None:
    await write(rows, 3, person(1), person(2), person(3))
    changed = person(2, territory="BG", marks=())
    await write(rows, 5, replaced=[changed], deleted=[(person(3).person_id,)])
    assert (await rows.rows(PEOPLE)).value == (person(1), changed)


async def test_a_step_from_another_position_changes_nothing(rows: Rows) -> None:
    """I5: of two processes that fold the same events, one writes."""
    await write(rows, 3, person(1))
    await rows.open(COUNTS)
    steps: list[Advance[Any]] = [
        Advance(model=COUNTS, build=1, expected=0, position=4, added=[CountRow("PR", "x", 1)]),
        Advance(model=PEOPLE, build=1, expected=2, position=4, added=[person(2)]),
    ]
    with pytest.raises(Moved):
        await rows.advance(steps)
    assert (await rows.rows(PEOPLE)).value == (person(1),)
    assert await rows.rows(COUNTS) == await rows.rows(COUNTS, Query(limit=0))
    assert (await rows.rows(COUNTS)).position == 0


async def test_builds_say_when_rows_last_changed_and_why_they_stopped(rows: Rows) -> None:
    await write(rows, 3, person(1))
    await write(rows, 8)
    stopped = await write(rows, 9, stopped="cannot fold x at position 10: TypeError")
    assert (stopped.position, stopped.changed, stopped.stopped) == (9, 3, "cannot fold x at position 10: TypeError")
    assert await rows.builds() == [stopped]


async def test_a_build_beside_is_unseen_until_the_swap_and_the_old_rows_are_gone_after(rows: Rows) -> None:
    """I5, I12: readers see wholly the old or wholly the new rows."""
    await write(rows, 3, person(1), person(2))
    new = await rows.begin(PEOPLE)
    assert (new.build, new.position, new.active) == (2, 0, False)
    half = Advance(model=PEOPLE, build=2, expected=0, position=2, added=[person(1, territory="TO")])
    await rows.advance([half])
    assert (await rows.begin(PEOPLE)).position == 2, "a rebuild that was cut off resumes"
    assert not await rows.swap(PEOPLE, 2), "the active build is further"
    assert (await rows.rows(PEOPLE)).value == (person(1), person(2))
    await rows.advance([replace(half, expected=2, position=3, added=[person(2, territory="TO")])])
    assert await rows.swap(PEOPLE, 2)
    assert [row.territory for row in (await rows.rows(PEOPLE)).value] == ["TO", "TO"]
    assert await rows.builds() == [Build("people", 2, 1, 3, 3, active=True)]
    assert await rows.load(PEOPLE, 1, [(person(1).person_id,)]) == {}
    with pytest.raises(Moved):
        await rows.advance([Advance(model=PEOPLE, build=1, expected=3, position=4)])
    with pytest.raises(Moved):
        await rows.swap(PEOPLE, 1)


async def test_a_newer_version_is_built_beside_and_an_older_one_leaves_it_alone(rows: Rows) -> None:
    await write(rows, 3, person(1))
    newer = replace(PEOPLE, version=2)
    assert await rows.open(newer) == Build("people", 2, 2, 0, 0, active=False)
    assert (await rows.open(PEOPLE)).build == 1, "the old code goes on with its own build meanwhile"
    await rows.advance([Advance(model=newer, build=2, expected=0, position=3)])
    assert await rows.swap(newer, 2)
    left_alone = await rows.open(PEOPLE)
    assert left_alone.version == 2
    assert left_alone.stopped == "version 2 is active; this process has version 1"


async def test_queries_filter_order_and_page(rows: Rows) -> None:
    await rows.open(COUNTS)
    made = [CountRow(place, kind, at) for at, (place, kind) in enumerate((p, k) for p in ("BG", "PR", "é", "Z") for k in "aB")]
    await rows.advance([Advance(model=COUNTS, build=1, expected=0, position=1, added=made)])

    async def events(query: Query) -> list[int]:
        return [row.events for row in (await rows.rows(COUNTS, query)).value]

    assert await events(Query()) == [1, 0, 3, 2, 7, 6, 5, 4], "text is ordered by code point"
    assert await events(Query(where={"territory": "PR"})) == [3, 2]
    assert await events(Query(where={"territory": {"PR", "BG"}, "type": ["a"]})) == [0, 2]
    assert await events(Query(where={"territory": ()})) == []
    assert await events(Query(descending=True, limit=3)) == [4, 5, 6]
    assert await events(Query(after=("PR", "B"), limit=2)) == [2, 7]
    assert await events(Query(descending=True, after=("PR", "B"))) == [0, 1]
    assert await events(Query(order=("events",), after=(5,))) == [6, 7]
    assert await events(Query(least={"events": 5})) == [7, 6, 5]
    assert await events(Query(least={"events": 2}, most={"events": 5})) == [3, 2, 5, 4]


async def test_rows_are_counted_of_all_pages_at_the_position_of_the_build(rows: Rows) -> None:
    """Whatever page is asked for; of a model that never was there are none."""
    assert await rows.count(PEOPLE) == Read(0, 0)
    await write(rows, 7, *(person(number, territory="PR" if number % 2 else "BG") for number in range(1, 10)))
    assert await rows.count(PEOPLE) == Read(7, 9)
    assert await rows.count(PEOPLE, Query(where={"territory": "PR"}, after=(person(5).person_id,), limit=2)) == Read(7, 5)
    assert await rows.count(PEOPLE, Query(either=({"territory": "BG"}, {"episode": -1}))) == Read(7, 4)


async def test_at_least_so_much_is_not_what_nobody_knows(rows: Rows) -> None:
    """A column without a value is neither."""
    await write(rows, 2, person(1), person(2, left=date(2022, 1, 1)), person(3, left=date(2021, 12, 31)))
    assert (await rows.rows(PEOPLE, Query(least={"left": date(2022, 1, 1)}))).value == (person(2, left=date(2022, 1, 1)),)
    assert (await rows.rows(PEOPLE, Query(most={"left": date(2021, 12, 31)}))).value == (person(3, left=date(2021, 12, 31)),)


async def test_null_can_be_asked_for(rows: Rows) -> None:
    await write(rows, 2, person(1), person(2, left=date(2022, 1, 1)))
    assert (await rows.rows(PEOPLE, Query(where={"left": None}))).value == (person(1),)


async def test_a_snapshot_does_not_move(rows: Rows) -> None:
    await write(rows, 1, person(1))
    async with rows.snapshot() as moment:
        before = await moment.rows(PEOPLE)
        await write(rows, 2, person(2))
        assert await moment.rows(PEOPLE) == before
        assert [build.position for build in await moment.builds()] == [1]
    assert (await rows.rows(PEOPLE)).position == 2
