"""Somebody who retries and discards, in tests: what they say, and ways to die while it is being done."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from contracts.operations_codes import DiscardReason, RetryReason
from services._runtime.clock import SystemClock, day_of
from services._runtime.decider import Context
from services._runtime.handling import Commands
from services._runtime.ids import new_id
from services._runtime.messaging.delivering import Delivery
from services._runtime.messaging.tending import Tending
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.port import Request
from services._runtime.store.recording import Recorder
from tests.runtime.messaging.worlds import SOURCE
from tests.support.store_worlds import SERVICE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services._runtime.messaging.parking import Parking
    from services._runtime.messaging.tending import Tended
    from services._runtime.store.port import EventStore
    from tests.runtime.messaging.reacting import Reacting

SOURCES = {"t": SOURCE, "u": "tutors"}


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Life:
    """Ends after so many steps, each of which is one before or after a call of the store or the parking."""

    steps: int

    def step(self) -> None:
        """Live one step on."""
        self.steps -= 1
        if self.steps <= 0:
            raise Killed


class Mortal:
    """A part as it is used by somebody who may die before or after each call."""

    def __init__(self, part: object, life: Life) -> None:
        self._part = part
        self._life = life

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the part has
        found = getattr(self._part, name)
        return self._mortal(found) if inspect.iscoroutinefunction(found) else found

    def _mortal(self, call: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def called(*arguments: object, **named: object) -> object:
            self._life.step()
            result = await call(*arguments, **named)
            self._life.step()
            return result

        return called


class Tender:
    """An administrator, at one of the service's processes."""

    def __init__(self, reacting: Reacting, parking: Parking, life: Life | None = None, *, topic: str = "t") -> None:
        store = reacting.store if life is None else cast("EventStore", Mortal(reacting.store, life))
        kept = parking if life is None else cast("Parking", Mortal(parking, life))
        commands = Commands(store, Recorder(MemoryKeyring()))
        delivery = Delivery(reacting.manager, commands, kept, SystemClock(), SOURCES | {topic: SOURCE}, patience_s=0.2)
        self.parking = parking
        self.tending = Tending(SERVICE, kept, commands, delivery)
        self.without_process_manager = Tending(SERVICE, kept, commands, None)

    async def retry(self, parked_id: int, key: str | None = None, reason: RetryReason = RetryReason.CODE_MENDED) -> Tended:
        """Retry, as a new request unless a key is given."""
        return await self.tending.retry(parked_id, reason, context=context(), request=request(key))

    async def discard(self, parked_id: int, key: str | None = None, reason: DiscardReason = DiscardReason.NOT_NEEDED) -> Tended:
        """Discard, as a new request unless a key is given."""
        return await self.tending.discard(parked_id, reason, context=context(), request=request(key))

    async def ids(self) -> list[int]:
        """Return the numbers of what is parked, in order."""
        return [kept.parked_id for kept in await self.parking.page(after=0, limit=1000)]


def request(key: str | None = None) -> Request:
    """Return a request of the administrator's, new unless its key is given."""
    return Request("administrator", key or str(new_id()), b"h" * 32)


def context() -> Context:
    """Return the context of an administrator's command, now."""
    now = SystemClock().now()
    return Context(
        actor="administrator",
        organisation="ciac",
        role="administrator",
        purpose="operations",
        correlation=new_id(),
        now=now,
        occurred_on=day_of(now),
    )
