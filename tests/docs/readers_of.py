"""Who reads which event, from the very definitions that the services run: reactions of process managers, and read models."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from services.cli.services import services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.event import Event
    from services._runtime.projecting.model import ReadModel


@dataclass(frozen=True)
class Reader:
    """Somebody who reads events: `does` says to what end; `reads` is None where it reads every event of its source."""

    service: str
    name: str
    kind: str
    does: str
    reads: frozenset[str] | None
    everywhere: bool
    """Whether it reads other services' events too, or its own service's feed only."""

    def takes(self, event: type[Event]) -> bool:
        """Tell whether it reads an event."""
        if not self.everywhere and event.type_name.partition(".")[0] != self.service:
            return False
        return self.reads is None or event.type_name in self.reads


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader, service by service: what reacts comes before what is read."""
    return tuple(_readers())


def _readers() -> Iterator[Reader]:
    for name, service in services().items():
        if service.process_manager is not None:
            by_reaction: dict[str, set[str]] = {}
            for event, reaction in service.process_manager.reactions.items():
                by_reaction.setdefault(first_line(reaction), set()).add(event.type_name)
            for does, reads in by_reaction.items():
                yield Reader(name, service.process_manager.name, "process manager", does, frozenset(reads), everywhere=True)
        for model in service.models:
            yield Reader(name, model.name, "read model", _of_model(model), model.types, everywhere=service.ingester is not None)


def first_line(thing: object) -> str:
    """Return the first line of what something says of itself."""
    return inspect.cleandoc(thing.__doc__ or "").partition("\n")[0]


def _of_model(model: ReadModel[Any]) -> str:
    return first_line(sys.modules[model.evolve.__module__])
