"""What clients were told: each command with every answer it got, kept apart from anything the services keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

OK = frozenset({200, 201})
UNSURE = frozenset({0, 408, 425, 429, 500, 502, 503, 504})
"""Answers after which nobody knows whether it was stored; 0 stands for no answer at all."""


@dataclass(frozen=True)
class StoredEvent:
    """One event as a receipt names it."""

    event_id: str
    type: str
    stream: str
    version: int
    digest: str


@dataclass
class Told:
    """One command of one client, and the statuses it was answered with, in order; 0 for none."""

    service: str
    client: str
    key: str
    correlation: UUID
    statuses: list[int] = field(default_factory=list)
    receipts: list[tuple[StoredEvent, ...]] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Tell whether the client was told that it is stored."""
        return bool(self.receipts)

    @property
    def refused(self) -> bool:
        """Tell whether the client was told that it is not stored, and never left unsure."""
        return bool(self.statuses) and not UNSURE.intersection(self.statuses) and not self.acknowledged

    def answered(self, status: int, body: Any) -> None:  # noqa: ANN401 - an answer's JSON
        """Note an answer."""
        self.statuses.append(status)
        if status in OK:
            self.receipts.append(_events(body))


@dataclass
class Record:
    """All that clients were told."""

    commands: list[Told] = field(default_factory=list)

    def begin(self, service: str, client: str, key: str, correlation: UUID) -> Told:
        """Note a command before it is sent."""
        told = Told(service, client, key, correlation)
        self.commands.append(told)
        return told

    def figures(self) -> dict[str, int]:
        """Return how many commands were acknowledged, refused, left unsure, and how many were unsure on their way."""
        return {
            "acknowledged": sum(told.acknowledged for told in self.commands),
            "refused": sum(told.refused for told in self.commands),
            "unsure": sum(not told.acknowledged and not told.refused for told in self.commands),
            "unsure, then acknowledged": sum(told.acknowledged and bool(UNSURE.intersection(told.statuses)) for told in self.commands),
        }


def _events(body: Any) -> tuple[StoredEvent, ...]:  # noqa: ANN401 - an answer's JSON
    return tuple(
        StoredEvent(event["id"], event["type"], receipt["stream"], event["version"], event["digest"])
        for receipt in (body, *body["related"])
        for event in receipt["events"]
    )
