"""A caller's permission, as whoever handles records asks for it; refused in the words for a record that is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.decider import Placement

if TYPE_CHECKING:
    from services._runtime.store.port import StreamEvent

May = Callable[[Placement], bool]
"""Tells whether the caller may do what they ask for with a record that is placed so."""


Beside = Callable[[Sequence["StreamEvent"]], Awaitable[bool]]
"""Tells whether something else than its placement lets the caller do it: asked where `May` does not."""


Reach = Callable[[Sequence["StreamEvent"]], Awaitable[frozenset[DataClass] | None]]
"""Tells of which classes of personal data a caller is told in a record with these events; None where the record is not for them at all.

Asked of what is not there, too, so that its refusal takes as long.
"""


Load = Callable[[str], Awaitable["list[StreamEvent]"]]
"""Returns a stream's events, as far as whoever it is for may have them."""


class NotPermitted(Unknown):
    """The record is none that the caller may do this with. They are told what they would be told if there were none."""

    def __init__(self, stream_id: str) -> None:
        """Say of a stream what is said where nothing is recorded."""
        super().__init__(nothing_under(stream_id))


def permitted(stored: Sequence[StreamEvent], may: May | None) -> bool:
    """Tell whether `may` permits what is recorded; what is not there forbids nothing."""
    return may is None or not stored or may(Placement.after(stored[-1].recorded.envelope))


async def changeable(stored: Sequence[StreamEvent], may: May | None, beside: Beside | None) -> bool:
    """Tell whether a command may be given to what is recorded: as `permitted`, or by something beside where it belongs."""
    return permitted(stored, may) or (beside is not None and await beside(stored))


def nothing_under(stream_id: str) -> str:
    """Return what a command is told whose record does not exist: of which kind it is, and not its id, which was sent."""
    return f"no {stream_id.rsplit('-', 5)[0]} is recorded under this id: check it, or create it first"
