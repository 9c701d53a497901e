"""The publisher as a port: feed events to the records of a topic, all of them acknowledged or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from services._runtime.errors import Retryable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.envelope import FeedEvent


class Undelivered(Retryable):
    """Not every record was acknowledged. Some may have arrived all the same: sending the batch again is safe, skipping it is not."""


class Publisher(Protocol):
    """Sends feed events. Events of one key keep their order, within a batch and from one batch to the next."""

    async def publish(self, topic: str, batch: Sequence[FeedEvent]) -> None:
        """Send the batch to `topic` and return when every record is acknowledged; raises `Undelivered`.

        Never waits without a bound. After an error no event of the batch has overtaken an earlier one of its key.
        """
        ...

    async def identity(self, topic: str) -> str:
        """Return the id of `topic`, which no other topic ever has, one of the same name included; raises `Undelivered`."""
        ...

    async def close(self) -> None:
        """Let go of connections, within a bound. Publishing again opens them again."""
        ...
