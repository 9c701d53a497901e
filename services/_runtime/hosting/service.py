"""What a service is to its host: names, routers, rules and models, said once in its `main.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services._runtime.handling import Timetable, no_timers
from services._runtime.hosting.parts import Purging, purging_nothing
from services._runtime.projecting.feed_source import FeedSource

if TYPE_CHECKING:
    from datetime import date

    from fastapi import APIRouter

    from services._runtime.access.deciding import Principal
    from services._runtime.hosting.parts import Parts
    from services._runtime.messaging.ingester import Ingester
    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.source import Source
    from services._runtime.reactions import ProcessManager
    from services._runtime.scheduling import TimerHandler
    from services._runtime.store.leadership import Lease
    from services._runtime.store.port import EventStore, StreamEvent
    from services._runtime.web.examples import Examples
    from services._runtime.web.sessions import Sessions

Work = Callable[[], Coroutine[Any, Any, None]]
Joined = Callable[["EventStore", "Sequence[StreamEvent]", "Principal", "date", str], Awaitable[bool]]
Offered = Callable[["Sequence[StreamEvent]", "Principal"], bool]
Routers = Callable[["Parts"], "Sequence[APIRouter]"]


def own_feed(parts: Parts) -> Source:
    """Return the source of a service whose lists show its own streams."""
    return FeedSource(parts.store)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as its host runs it.

    `routers` makes its endpoints of its parts; `timetable` and `timers` say what time does; `ingester` is for the service that
    keeps the journal. `joined` tells whether a caller who takes an action is a party to a record beside who answers for it, such as in
    its team; `offered` whether a record waits for the answer of the caller's organisation, where one can.
    """

    name: str
    summary: str
    routers: Routers
    timetable: Timetable = no_timers
    timers: Mapping[str, TimerHandler] = field(default_factory=dict)
    process_manager: ProcessManager | None = None
    models: tuple[ReadModel[Any], ...] = ()
    source: Callable[[Parts], Source] = own_feed
    follow: Callable[[Parts], Work] | None = None
    """What follows the feed besides the read models, in the processes that project: until it is cancelled."""
    purging: Purging = purging_nothing
    """What an erasure takes out beside what is sealed: made of the service's store and pool."""
    ingester: Callable[[Parts, Lease], Ingester] | None = None
    sessions: Callable[[Parts], Sessions] | None = None
    """Where the sessions of its pages are, where it has pages."""
    joined: Joined | None = None
    offered: Offered | None = None
    examples: Examples = field(default_factory=dict)
    """Of its commands, for its own document."""
