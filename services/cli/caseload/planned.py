"""A plan: every command of the two simulated years, with its moment, in the order in which they are sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from uuid import UUID

ServiceName = Literal["intake", "pathways", "tutors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOpen:
    """What a plan cannot know of a body: it is filled in when the command is sent.

    `named` has the field for each colleague who is named by their pseudonym, and their login: only the issuer knows the pseudonym.
    `apart_from` is the record of somebody very like the person who is enrolled: that they are two is to be said.
    `compared` is the organisation with whose record the person's is compared: the reference to it is to be named.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    apart_from: UUID | None = None
    compared: str | None = None

    @property
    def looked_up(self) -> bool:
        """Whether something must be looked up at the service before the body is whole."""
        return self.apart_from is not None or self.compared is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommand:
    """One request: when it is, to whom, what it says and as whom.

    `stream` is the stream whose version it is decided on; `creates` tells that there is none yet. Commands of one `lane` follow
    each other; those of different lanes on one day know nothing of each other. `body` is JSON, without what is `left_open`.
    """

    moment: datetime
    service: ServiceName
    path: str
    body: bytes
    login: str
    stream: str
    creates: bool
    lane: int
    key: str
    left_open: LeftOpen = LeftOpen()

    def content(self, pseudonyms: Mapping[str, str]) -> bytes:
        """Return the body to send, with the pseudonym of each colleague whom it names in the field for them."""
        return json.dumps(json.loads(self.body) | dict(pseudonyms)).encode() if pseudonyms else self.body

    @property
    def name(self) -> str:
        """Return what the command does, without an id: how it is named in errors."""
        _, record, _, *action = self.path.split("/")
        return f"{self.service} {'/'.join([record, *action])}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole caseload of a seed, sorted by moment."""

    seed: int
    persons: int
    commands: tuple[PlannedCommand, ...]

    def windows(self) -> Iterator[tuple[date, list[PlannedCommand]]]:
        """Return the commands day by day."""
        day, window = None, list[PlannedCommand]()
        for command in self.commands:
            today = command.moment.date()
            if day is not None and today != day:
                yield day, window
                window = []
            day = today
            window.append(command)
        if day is not None:
            yield day, window

    def fingerprint(self) -> str:
        """Return what tells this plan from any other, also from one that another version of this code makes of the same seed."""
        digest = sha256()
        for command in self.commands:
            for part in (command.key, command.moment.isoformat(), command.path, command.login, *command.left_open.named.values()):
                digest.update(part.encode() + b"\0")
            digest.update(command.body + b"\0")
        return digest.hexdigest()
