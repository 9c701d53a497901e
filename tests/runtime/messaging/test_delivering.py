"""What a consumer does with one record, on every kind of store and parking."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.envelope import FeedEvent, digest
from services._runtime.errors import NotYet, Retryable
from services._runtime.ids import new_id
from services._runtime.messaging.parking import WAITS, line_of
from services._runtime.store.port import ClockSkew, ConcurrencyError
from tests.runtime.messaging.reacting import NAME, Bug, NotAllowed, Reacting
from tests.runtime.messaging.worlds import SOURCE, Feed, ParkingWorld, Registered, record_of

if TYPE_CHECKING:
    from uuid import UUID

    from services._runtime.messaging.delivering import Delivery
    from services._runtime.reactions import Delivered

SOURCES = {"t": SOURCE}


@pytest.fixture
def reacting(parking_world: ParkingWorld) -> Reacting:
    """Give a process manager without trouble."""
    return Reacting(parking_world.store, parking_world.parking)


@pytest.fixture
def delivery(reacting: Reacting) -> Delivery:
    """Give a delivery that loses its patience soon."""
    return reacting.delivery(SOURCES, patience_s=0.3)


def _id(event: FeedEvent) -> UUID:
    return event.recorded.envelope.event_id


async def test_a_repeated_delivery_has_no_second_effect(reacting: Reacting, delivery: Delivery) -> None:
    """Invariant I4: not even where two deliver at once."""
    event = Feed().add()
    await asyncio.gather(delivery.settle(record_of(event)), delivery.settle(record_of(event)))
    await delivery.settle(record_of(event, offset=9))
    assert await reacting.effects(_id(event)) == 1
    assert await reacting.store.handled(NAME, _id(event))
    assert len(reacting.tried) <= 2


async def test_a_refusal_is_an_outcome(reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld) -> None:
    """It is not poison: nothing is parked, and it is not asked again."""

    async def refuse(_arrived: Delivered) -> None:
        raise NotAllowed

    event = Feed().add()
    reacting.trouble = refuse
    await delivery.settle(record_of(event))
    await delivery.settle(record_of(event))
    assert len(reacting.tried) == 1
    assert await reacting.store.handled(NAME, _id(event))
    assert await parking_world.reasons() == []


async def test_other_types_of_ours_pass_without_a_trace(reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld) -> None:
    """Nobody reacts to them here."""
    person = new_id()
    event = Feed().add(person, Registered(beneficiary_id=person, municipality="034027"))
    await delivery.settle(record_of(event))
    assert not await reacting.store.handled(NAME, _id(event))
    assert await parking_world.reasons() == []


async def test_what_is_not_ours_is_parked_alone(reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld) -> None:
    """The next event of the very same key is handled."""
    feed, person = Feed(), new_id()
    event, following = feed.add(person), feed.add(person)
    ours = record_of(event)
    strangers = [
        replace(ours, headers=()),
        replace(ours, headers=((ours.headers[0][0], b"\xff"), *ours.headers[1:])),
        replace(ours, value=b"{"),
        replace(ours, value=None),
        record_of(_of_type(event, "intake.never_published")),
        record_of(Feed("tutors").add(person)),
    ]
    for offset, record in enumerate(strangers):
        await delivery.settle(replace(record, offset=offset))
    await delivery.settle(record_of(following, offset=99))
    reasons = await parking_world.reasons()
    assert len(reasons) == len(strangers)
    assert all(reason.startswith("not ours: ") for reason in reasons)
    assert await reacting.effects(_id(following)) == 1


async def test_poison_is_parked_and_later_events_of_its_key_wait_behind_it(
    reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld
) -> None:
    """Their neighbours do not."""
    feed, person = Feed(), new_id()
    poison, later, neighbour = feed.add(person), feed.add(person), feed.add()

    async def fail(arrived: Delivered) -> None:
        if arrived.envelope.event_id == _id(poison):
            raise Bug("with a value in its text")

    reacting.trouble = fail
    for event in (poison, later, neighbour, poison, later):
        await delivery.settle(record_of(event, offset=event.feed_position))
    assert await parking_world.reasons() == [f"{Bug.__module__}.Bug", WAITS]
    assert [await reacting.effects(_id(event)) for event in (poison, later, neighbour)] == [0, 0, 1]
    assert reacting.tried == [_id(poison), _id(neighbour)]


async def test_a_body_that_the_contract_does_not_fit_is_poison(delivery: Delivery, parking_world: ParkingWorld) -> None:
    """Its digest is right, so it is ours, and what follows it may depend on it."""
    event = Feed().add()
    data = b'{"unexpected":1}'
    own = digest(event.recorded.envelope, data, b"")
    await delivery.settle(record_of(replace(event, recorded=replace(event.recorded, data=data, digest=own))))
    assert await parking_world.reasons() == ["pydantic_core._pydantic_core.ValidationError"]
    assert await parking_world.parking.waits(line_of(NAME, event))


async def test_an_effect_waits_for_its_cause(reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld) -> None:
    """The cause comes through another partition."""
    moments = []

    async def wait(arrived: Delivered) -> None:
        moments.append(arrived.received_at)
        if len(moments) < 3:
            raise NotYet

    event = Feed().add()
    reacting.trouble = wait
    await delivery.settle(record_of(event))
    assert await reacting.effects(_id(event)) == 1
    assert await parking_world.reasons() == []
    assert len(set(moments)) == 3, "a moment that grows old would be refused by the store"


async def test_an_effect_whose_cause_never_comes_is_parked(reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld) -> None:
    """When patience is over."""

    async def wait(_arrived: Delivered) -> None:
        raise NotYet

    reacting.trouble = wait
    await delivery.settle(record_of(Feed().add()))
    assert await parking_world.reasons() == [f"{NotYet.__module__}.NotYet"]


@pytest.mark.parametrize("error", [Retryable(), ClockSkew(), ConnectionResetError(), TimeoutError(), ConcurrencyError("s", 1, 2, ())])
async def test_the_infrastructure_is_waited_for_and_never_parked_for(
    reacting: Reacting, delivery: Delivery, parking_world: ParkingWorld, error: Exception
) -> None:
    """For longer than an effect waits for its cause."""

    async def fail(_arrived: Delivered) -> None:
        if len(reacting.tried) < 4:
            raise error

    event = Feed().add()
    reacting.trouble = fail
    await delivery.settle(record_of(event))
    assert await reacting.effects(_id(event)) == 1
    assert await parking_world.reasons() == []


def _of_type(event: FeedEvent, name: str) -> FeedEvent:
    envelope = replace(event.recorded.envelope, type=name)
    own = digest(envelope, event.recorded.data, event.recorded.commitment)
    return replace(event, recorded=replace(event.recorded, envelope=envelope, digest=own))
