"""Putting records back into the order of their feeds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from services._runtime.ids import new_id
from services._runtime.messaging.assembling import AHEAD, BEYOND, Assembly, Track
from services._runtime.messaging.journal import FeedHead, Place, TopicPosition
from tests.runtime.messaging.worlds import SOURCE, Feed, altered, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.journal import Ingestion
    from services._runtime.messaging.records import Record

TOPIC = "t"
PARTITIONS = 3


def _fresh(heads: dict[tuple[str, int], FeedHead] | None = None, ended: dict[tuple[str, int], int] | None = None) -> Assembly:
    tracks = {(TOPIC, number): Track(None, "id", 0) for number in range(PARTITIONS)}
    return Assembly({TOPIC: SOURCE}, heads or {}, tracks, ended or {})


def _laid(*partitions: Sequence[FeedEvent]) -> list[list[Record]]:
    """Return the records of each partition, at offsets 0, 1, 2 and so on."""
    return [
        [record_of(event, partition=number, offset=offset) for offset, event in enumerate(events)]
        for number, events in enumerate(partitions)
    ]


def _take(assembly: Assembly, records: Iterable[Record], known: dict[Place, bytes] | None = None) -> Ingestion:
    ingestion = assembly.take(assembly.look(records), known or {})
    assembly.written(ingestion)
    return ingestion


def _positions(ingestion: Ingestion) -> list[int]:
    return [event.feed_position for _, event in ingestion.entries]


@settings(max_examples=60)
@given(st.data())
def test_whatever_the_interleaving_the_journal_is_contiguous_and_whole(data: st.DataObject) -> None:
    """Invariant I3: partitions come in any order, with repeats as a relay leaves them."""
    events = Feed().fill(30, people=6)
    starts = sorted(data.draw(st.lists(st.integers(0, 29), max_size=3)))
    sent = [*events, *(event for start in starts for event in events[start:])]
    keys = {event.recorded.envelope.partition_key: n % PARTITIONS for n, event in enumerate(events)}
    partitions = _laid(*([event for event in sent if keys[event.recorded.envelope.partition_key] == n] for n in range(PARTITIONS)))
    assembly, journalled, known = _fresh(), list[int](), dict[Place, bytes]()
    while left := [number for number, records in enumerate(partitions) if records]:
        number = data.draw(st.sampled_from(left))
        size = data.draw(st.integers(1, 8))
        ingestion = _take(assembly, partitions[number][:size], known)
        known |= {(SOURCE, 1, event.feed_position): event.recorded.digest for _, event in ingestion.entries}
        del partitions[number][:size]
        journalled += _positions(ingestion)
        assert journalled == list(range(1, len(journalled) + 1))
        _assert_restartable(assembly, journalled[-1] if journalled else 0)
    assert journalled == list(range(1, 31))
    assert not assembly.holes()
    assert not assembly.conflicts


def _assert_restartable(assembly: Assembly, head: int) -> None:
    """No partition is stored as read beyond a record that waits."""
    for track in assembly.tracks.values():
        if track.unsettled:
            assert track.reached.next_offset == min(track.unsettled)
    assert bool(assembly.holes()) == any(track.unsettled for track in assembly.tracks.values())
    assert all(hole.feed_position == head + 1 for hole in assembly.holes())


def test_a_repeat_is_dropped_and_a_contradiction_stops_its_topic() -> None:
    """Invariant I10: another event for a place that is taken is told, and nothing is overwritten or passed."""
    first, second, third = Feed().fill(3)
    assembly = _fresh()
    ((one, two, again, other, three),) = _laid([first, second, first, altered(second), third])
    assert _positions(_take(assembly, [one, two])) == [1, 2]
    known = {(SOURCE, 1, 1): first.recorded.digest, (SOURCE, 1, 2): second.recorded.digest}
    assert assembly.repeats(assembly.look([again, other, three])) == set(known)
    ingestion = _take(assembly, [again, other, three], known)
    assert ingestion.entries == ()
    assert "feed position 2: another event" in assembly.conflicts[TOPIC]
    assert assembly.tracks[TOPIC, 0].reached == TopicPosition("id", other.offset)
    assert not _take(assembly, [three]).moves


def test_a_contradiction_within_one_batch_is_seen() -> None:
    """Although the journal does not know either of them yet; what came before it is written."""
    first, second = Feed().fill(2)
    assembly = _fresh()
    (records,) = _laid([first, second, altered(first)])
    assert _positions(_take(assembly, records)) == [1, 2]
    assert assembly.conflicts


def test_an_event_that_is_not_chained_to_the_one_before_stops_its_topic() -> None:
    """Its own digest may be right all the same; here it waited for a hole when it was found out."""
    first, second, third = Feed().fill(3)
    forged = replace(altered(third), chain=bytes(32))
    assembly = _fresh()
    ahead, behind = _laid([forged], [first, second])
    assert _positions(_take(assembly, ahead)) == []
    assert _positions(_take(assembly, behind)) == [1, 2]
    assert "not chained" in assembly.conflicts[TOPIC]
    assert assembly.tracks[TOPIC, 0].reached == TopicPosition("id", 0)


def test_generations_and_sources_are_followed_each_for_itself() -> None:
    """A new generation begins at 1 again, and goes on from what is stored."""
    old, new = Feed().fill(4), Feed(generation=2).fill(2)
    assembly = _fresh({(SOURCE, 1): FeedHead(3, old[2].chain)})
    (records,) = _laid([*new, old[3]])
    ingestion = _take(assembly, records)
    assert [(event.generation, event.feed_position) for _, event in ingestion.entries] == [(2, 1), (2, 2), (1, 4)]


def test_what_comes_from_beyond_the_end_of_a_generation_is_parked_alone() -> None:
    """I12: a store that was restored, or replaced, and does not know it yet: it neither stops its topic nor leaves a hole."""
    held, own = Feed().fill(4), Feed()
    for event in held[:2]:
        own.add_recorded(event.recorded)
    own.fill(4)
    later = Feed(generation=2).fill(2)
    assembly = _fresh({(SOURCE, 1): FeedHead(4, held[3].chain)}, {(SOURCE, 1): 2})
    (records,) = _laid([held[1], held[3], *own.events[2:], *later])
    known = {(SOURCE, 1, event.feed_position): event.recorded.digest for event in held}
    ingestion = _take(assembly, records, known)
    assert [record for record, _ in ingestion.foreign] == records[2:6]
    assert {reason for _, reason in ingestion.foreign} == {BEYOND}
    assert [(event.generation, event.feed_position) for _, event in ingestion.entries] == [(2, 1), (2, 2)]
    assert not assembly.conflicts
    assert not assembly.holes()
    assert assembly.tracks[TOPIC, 0].reached.next_offset == len(records)


def test_what_is_not_ours_is_parked_alone_and_passed() -> None:
    """An altered copy, another's source, another key, no headers: each is nobody's event."""
    event, following = Feed().fill(2)
    copy = replace(record_of(event), value=event.recorded.data.replace(b"PR", b"RE"))
    strangers = [
        copy,
        replace(record_of(event), key=b"other"),
        replace(record_of(event), headers=()),
        replace(record_of(event), headers=(("ce_specversion", b"\xff"),)),
        replace(record_of(event), headers=(*record_of(event).headers, ("x", b"\x00"))),
        replace(record_of(event), headers=(*record_of(event).headers, ("x", None))),
        replace(record_of(event), value=None),
        record_of(Feed("tutors").add()),
    ]
    records = [replace(record, offset=offset) for offset, record in enumerate([*strangers, record_of(event), record_of(following)])]
    assembly = _fresh()
    ingestion = _take(assembly, records)
    assert [record for record, _ in ingestion.foreign] == records[: len(strangers)]
    assert all(reason.startswith("not ours: ") for _, reason in ingestion.foreign)
    assert _positions(ingestion) == [1, 2]
    assert assembly.tracks[TOPIC, 0].reached.next_offset == len(records)


def test_a_partition_far_ahead_is_paused_and_searched_behind_without_keeping_more() -> None:
    """What is missing may lie behind thousands of records that wait for it: memory stays bounded, and nothing is lost."""
    person = new_id()
    feed = Feed()
    events = [feed.add(person) for _ in range(AHEAD + 50)]
    (records,) = _laid([*events[1:], events[0]])
    assembly = _fresh()
    assert _positions(_take(assembly, records[: AHEAD + 10])) == []
    assert assembly.full() == {(TOPIC, 0)}
    assembly.searching = True
    assert assembly.full() == set()
    held = len(assembly.tracks[TOPIC, 0].unsettled)
    found = _take(assembly, records[AHEAD + 10 :])
    assert _positions(found) == list(range(1, held + 2))
    ((at, offset),) = assembly.rewinds().items()
    assert (at, offset) == ((TOPIC, 0), held)
    known = {(SOURCE, 1, event.feed_position): event.recorded.digest for event in events}
    assert _positions(_take(assembly, records[offset:], known))[-1] == len(events)
    assert assembly.tracks[TOPIC, 0].reached.next_offset == len(records)
