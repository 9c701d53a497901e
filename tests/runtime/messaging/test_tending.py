"""Retrying and discarding what is parked, on every kind of store and parking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.errors import Unknown
from contracts.operations import Discarded, Retried
from contracts.operations_codes import DiscardReason, RetryOutcome, RetryReason
from services._runtime.errors import NotYet, Retryable
from services._runtime.ids import new_id
from services._runtime.messaging.parking import WAITS, Parked, line_of
from services._runtime.messaging.tending import HandledAlready, NotRetryable, WaitsItsTurn
from services._runtime.outcomes import KeyReused
from services._runtime.store.port import InboxEntry
from tests.runtime.messaging.reacting import NAME, Bug, NotAllowed, Reacting
from tests.runtime.messaging.tended import SOURCES, Killed, Life, Tender, context, request
from tests.runtime.messaging.worlds import Feed, ParkingWorld, record_of

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.delivering import Delivery
    from services._runtime.reactions import Delivered

BUG = f"{Bug.__module__}.Bug"


@pytest.fixture
def reacting(parking_world: ParkingWorld) -> Reacting:
    """Give a process manager without trouble."""
    return Reacting(parking_world.store, parking_world.parking)


@pytest.fixture
def delivery(reacting: Reacting) -> Delivery:
    """Give a delivery that loses its patience soon."""
    return reacting.delivery(SOURCES, patience_s=0.1)


@pytest.fixture
def tender(reacting: Reacting, parking_world: ParkingWorld) -> Tender:
    """Give an administrator at another process than the one that consumes."""
    return Tender(reacting, parking_world.elsewhere())


def _id(event: FeedEvent) -> UUID:
    return event.recorded.envelope.event_id


async def _failing(reacting: Reacting, delivery: Delivery, *broken: FeedEvent, then: tuple[FeedEvent, ...] = ()) -> None:
    """Deliver events while the reactions to some of them fail; mend these afterwards."""
    ids = {_id(event) for event in broken}

    async def fail(arrived: Delivered) -> None:
        if arrived.envelope.event_id in ids:
            raise Bug

    reacting.trouble = fail
    for event in sorted((*broken, *then), key=lambda event: event.feed_position):
        await delivery.settle(record_of(event, offset=event.feed_position))
    reacting.trouble = None


async def test_a_retry_applies_the_event_and_then_all_that_waited_in_their_order(
    reacting: Reacting, delivery: Delivery, tender: Tender, parking_world: ParkingWorld
) -> None:
    """I3, I4: each once; and the retry is recorded, with its reason and by whom."""
    feed, person = Feed(), new_id()
    first, *others = (feed.add(person) for _ in range(4))
    await _failing(reacting, delivery, first, then=tuple(others))
    assert await parking_world.reasons() == [BUG, WAITS, WAITS, WAITS]
    tended = await tender.retry((await tender.ids())[0])
    ids = [_id(event) for event in (first, *others)]
    assert await reacting.order(*ids) == ids
    assert [await reacting.effects(one) for one in ids] == [1] * 4
    assert (await tender.ids(), tended.front) == ([], None)
    assert isinstance(tended.event, Retried)
    assert tended.event.type_name == "intake.parked_record_retried"
    assert (tended.event.reason, tended.event.outcome, tended.event.event_id) == (
        RetryReason.CODE_MENDED,
        RetryOutcome.HANDLED,
        _id(first),
    )
    assert (tended.event.consumer, tended.event.topic, tended.event.offset) == (NAME, "t", first.feed_position)
    (stored,) = tended.outcome.events
    assert stored.recorded.envelope.actor == "administrator"


async def test_what_fails_again_stays_at_the_front_and_keeps_the_rest_waiting(
    reacting: Reacting, delivery: Delivery, tender: Tender, parking_world: ParkingWorld
) -> None:
    """Be it the first or one that waited; each try is recorded."""
    feed, person = Feed(), new_id()
    first, second, third = (feed.add(person) for _ in range(3))
    await _failing(reacting, delivery, first, then=(second, third))
    one, two, three = await tender.ids()

    async def fail(arrived: Delivered) -> None:
        if arrived.envelope.event_id in broken:
            raise Bug

    broken = {_id(first)}
    reacting.trouble = fail
    again = await tender.retry(one)
    assert isinstance(again.event, Retried)
    assert (again.event.outcome, again.event.failure) == (RetryOutcome.STILL_FAILING, BUG)
    assert again.front is not None
    assert (again.front.parked_id, again.front.behind) == (one, 2)
    assert await parking_world.reasons() == [BUG, WAITS, WAITS]
    broken = {_id(second)}
    mended = await tender.retry(one)
    assert mended.outcome.version == 2
    assert await tender.ids() == [two, three]
    assert await parking_world.reasons() == [BUG, WAITS]
    with pytest.raises(WaitsItsTurn, match=str(two)):
        await tender.retry(three)
    broken = set()
    await tender.retry(two)
    ids = [_id(event) for event in (first, second, third)]
    assert await reacting.order(*ids) == ids
    assert await tender.ids() == []


async def test_a_refusal_takes_the_event_away_and_the_next_goes_on(reacting: Reacting, delivery: Delivery, tender: Tender) -> None:
    """It is an outcome, recorded with its code."""
    feed, person = Feed(), new_id()
    first, second = feed.add(person), feed.add(person)
    await _failing(reacting, delivery, first, then=(second,))

    async def refuse(arrived: Delivered) -> None:
        if arrived.envelope.event_id == _id(first):
            raise NotAllowed

    reacting.trouble = refuse
    tended = await tender.retry((await tender.ids())[0])
    assert isinstance(tended.event, Retried)
    assert (tended.event.outcome, tended.event.refusal) == (RetryOutcome.REFUSED, "not-allowed")
    assert await reacting.store.handled(NAME, _id(first))
    assert await reacting.order(_id(first), _id(second)) == [_id(second)]
    assert await tender.ids() == []


async def test_a_cause_that_comes_from_another_source_is_not_held_back_by_its_effect(
    reacting: Reacting, delivery: Delivery, tender: Tender, parking_world: ParkingWorld
) -> None:
    """Both stand under the person's key; were the cause to wait behind the effect, neither could ever be applied."""
    person = new_id()
    effect, cause = Feed("tutors").add(person), Feed("intake").add(person)

    async def wait(arrived: Delivered) -> None:
        if arrived.envelope.event_id == _id(effect) and not await reacting.effects(_id(cause)):
            raise NotYet

    reacting.trouble = wait
    await delivery.settle(record_of(effect, topic="u"))
    assert await parking_world.reasons() == [f"{NotYet.__module__}.NotYet"]
    await delivery.settle(record_of(cause))
    tended = await tender.retry((await tender.ids())[0], reason=RetryReason.CAUSE_ARRIVED)
    assert isinstance(tended.event, Retried)
    assert tended.event.outcome is RetryOutcome.HANDLED
    assert await reacting.order(_id(effect), _id(cause)) == [_id(cause), _id(effect)]


async def test_a_discarded_event_is_never_handled_and_what_waited_behind_it_is(
    reacting: Reacting, delivery: Delivery, tender: Tender
) -> None:
    """I4: nor where it is delivered again. The reason is recorded."""
    feed, person = Feed(), new_id()
    first, second, third = (feed.add(person) for _ in range(3))
    await _failing(reacting, delivery, first, then=(second, third))
    tended = await tender.discard((await tender.ids())[0], reason=DiscardReason.DUPLICATE)
    assert isinstance(tended.event, Discarded)
    assert tended.event.type_name == "intake.parked_record_discarded"
    assert (tended.event.reason, tended.event.event_id) == (DiscardReason.DUPLICATE, _id(first))
    for event in (first, second, third):
        await delivery.settle(record_of(event, offset=20))
    ids = [_id(event) for event in (first, second, third)]
    assert await reacting.order(*ids) == ids[1:]
    assert [await reacting.effects(one) for one in ids] == [0, 1, 1]
    assert await tender.ids() == []


async def test_one_that_waits_can_be_discarded_and_the_others_wait_on(
    reacting: Reacting, delivery: Delivery, tender: Tender, parking_world: ParkingWorld
) -> None:
    """The front has not changed."""
    feed, person = Feed(), new_id()
    first, second, third = (feed.add(person) for _ in range(3))
    await _failing(reacting, delivery, first, then=(second, third))
    one, two, three = await tender.ids()
    await tender.discard(two)
    assert await tender.ids() == [one, three]
    assert await parking_world.reasons() == [BUG, WAITS]
    await tender.retry(one)
    ids = [_id(event) for event in (first, second, third)]
    assert await reacting.order(*ids) == [ids[0], ids[2]]


async def test_a_foreign_record_can_only_be_discarded(delivery: Delivery, tender: Tender) -> None:
    """As often as somebody puts it there, and each time that is recorded."""
    foreign = record_of(Feed().add(), topic="u")
    streams = set()
    for _ in range(2):
        await delivery.settle(foreign)
        (parked,) = await tender.ids()
        with pytest.raises(NotRetryable, match="not the topic's"):
            await tender.retry(parked)
        tended = await tender.discard(parked, reason=DiscardReason.FOREIGN_RECORD)
        assert isinstance(tended.event, Discarded)
        assert (tended.event.event_id, tended.event.topic) == (None, "u")
        streams.add(tended.outcome.stream_id)
        assert await tender.ids() == []
    assert len(streams) == 2


async def test_a_record_whose_contract_is_known_by_now_can_be_retried(
    reacting: Reacting, tender: Tender, parking_world: ParkingWorld
) -> None:
    """Code that did not know it took it for a foreign one."""
    event = Feed().add()
    await parking_world.parking.park(Parked(NAME, record_of(event), "not ours: the type is unknown"))
    await tender.retry((await tender.ids())[0])
    assert await reacting.effects(_id(event)) == 1
    assert await tender.ids() == []


async def test_where_no_process_manager_is_there_is_nothing_to_retry(tender: Tender, parking_world: ParkingWorld) -> None:
    """The ingester's records can be discarded."""
    await parking_world.parking.park(Parked("reporting.ingester", record_of(Feed().add()), "not ours: no event"))
    (parked,) = await tender.ids()
    tender.tending = tender.without_process_manager
    with pytest.raises(NotRetryable):
        await tender.retry(parked)
    await tender.discard(parked)
    assert await tender.ids() == []


async def test_a_request_that_comes_again_does_nothing_again(reacting: Reacting, delivery: Delivery, tender: Tender) -> None:
    """Its answer is the first one, whatever would come of it now; its key with another request is refused."""
    feed, person = Feed(), new_id()
    first, second = feed.add(person), feed.add(person)
    await _failing(reacting, delivery, first, second)
    one, two = await tender.ids()

    async def fail(_arrived: Delivered) -> None:
        raise Bug

    reacting.trouble = fail
    failed = await tender.retry(one, "a")
    reacting.trouble = None
    tries = len(reacting.tried)
    assert await tender.retry(one, "a") == failed
    assert len(reacting.tried) == tries
    done = await tender.retry(one, "b")
    repeated = await tender.retry(one, "b")
    assert (repeated.event, repeated.outcome) == (done.event, done.outcome)
    for parked in (one, two, two + 99):
        with pytest.raises(Unknown):
            await tender.retry(parked)
    with pytest.raises(KeyReused):
        await tender.tending.retry(two, RetryReason.CODE_MENDED, context=context(), request=replace(request("a"), body_hmac=b"x" * 32))


async def test_what_was_handled_meanwhile_is_not_discarded(reacting: Reacting, delivery: Delivery, tender: Tender) -> None:
    """It has its effect: a retry finds that out."""
    event = Feed().add()
    await _failing(reacting, delivery, event)
    (parked,) = await tender.ids()
    await reacting.store.record_outcome(InboxEntry(NAME, _id(event)))
    with pytest.raises(HandledAlready):
        await tender.discard(parked)
    await tender.retry(parked)
    assert (await tender.ids(), await reacting.effects(_id(event))) == ([], 0)


async def test_while_the_infrastructure_fails_nothing_is_decided(reacting: Reacting, delivery: Delivery, tender: Tender) -> None:
    """Whoever retries is told to try again."""
    event = Feed().add()
    await _failing(reacting, delivery, event)
    (parked,) = await tender.ids()

    async def away(_arrived: Delivered) -> None:
        raise ConnectionResetError

    reacting.trouble = away
    with pytest.raises(Retryable):
        await tender.retry(parked, "a")
    reacting.trouble = None
    tended = await tender.retry(parked, "a")
    assert isinstance(tended.event, Retried)
    assert tended.event.outcome is RetryOutcome.HANDLED


@pytest.mark.parametrize("does", ["retry", "discard"])
async def test_whoever_dies_between_two_steps_leaves_nothing_undone_and_nothing_doubled(
    reacting: Reacting, delivery: Delivery, tender: Tender, does: str
) -> None:
    """I1, I3, I4: the same request again, or another one, and whoever resumes, end what was begun; it is recorded once."""
    killed, steps = True, 0
    while killed:
        steps += 1
        feed, person = Feed(), new_id()
        events = [feed.add(person) for _ in range(3)]
        await _failing(reacting, delivery, events[0], then=tuple(events[1:]))
        front = (await tender.ids())[0]
        kept = await tender.parking.find(front)
        assert kept is not None
        mortal = Tender(reacting, tender.parking, Life(steps))
        try:
            await getattr(mortal, does)(front, f"{does} {steps}")
            killed = False
        except Killed:
            # Every second time another person does it, who knows nothing of the first one's request.
            key = f"{does} {steps}" if steps % 4 < 2 else None
            if await tender.parking.find(front) is not None:
                await getattr(tender, does)(front, key)
            await tender.tending.resume()
        ids = [_id(event) for event in events]
        expected = ids if does == "retry" else ids[1:]
        assert await reacting.order(*ids) == expected, f"after {steps} steps"
        assert [await reacting.effects(one) for one in expected] == [1] * len(expected)
        assert await tender.ids() == []
        assert len(await reacting.store.load(f"parked-{kept.record_id}")) == 1
    assert steps > 20


async def test_what_was_released_while_nobody_went_on_is_resumed_and_what_failed_is_not(
    reacting: Reacting, delivery: Delivery, tender: Tender
) -> None:
    """Only a person decides about what failed."""
    feed, one, other = Feed(), new_id(), new_id()
    broken, waiting = feed.add(one), feed.add(one)
    failed = feed.add(other)
    await _failing(reacting, delivery, broken, failed, then=(waiting,))
    kept = await tender.parking.front(line_of(NAME, broken))
    assert kept is not None
    await tender.parking.release(kept)
    tries = len(reacting.tried)
    await tender.tending.resume()
    assert reacting.tried[tries:] == [_id(waiting)]
    assert await tender.parking.waits(line_of(NAME, failed))
