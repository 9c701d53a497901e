"""Around every endpoint: what an answer discloses of persons is recorded before its first byte leaves, or no answer leaves.

An endpoint says nothing of it itself: the dependency that admits the caller begins, what reads a record or a list tells whose it was.
An answer that was begun and of which nothing was told does not leave either.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, cast

import structlog

from services._runtime.errors import Retryable, RuntimeFault
from services._runtime.observing.places import places_of
from services._runtime.store.reads import Read
from services._runtime.web.problems import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from contracts.personal import DataClass
    from services._runtime.store.reads import Reads
    from services._runtime.web.identity import Caller

log = structlog.get_logger(__name__)

WITHHELD = "Ancora-Withheld"
"""The header that names the classes of personal data of which the caller is not told, whether anything is recorded of them or not."""

_FAILED = 400
_NETWORKS = {4: 24, 6: 48}
"""Bits of an address that say from which network somebody asks, by the version of the protocol; the rest would say which machine."""


class Disclosure:
    """What one answer tells of persons, while it comes to be."""

    __slots__ = ("action", "asked", "caller", "classes", "subjects", "told", "withheld")

    def __init__(self) -> None:
        self.caller: Caller | None = None
        self.action = ""
        self.asked: set[UUID] = set()
        self.subjects: set[UUID] = set()
        self.classes: set[DataClass] = set()
        self.withheld: set[DataClass] = set()
        self.told = False

    def begin(self, caller: Caller, action: str) -> None:
        """Say who asks and what for: from now on the answer is recorded, whatever it is."""
        self.caller, self.action = caller, action

    def ask(self, person: UUID) -> None:
        """Say whose data the request names, whether they are told or not."""
        self.asked.add(person)

    def tell(self, subjects: Iterable[UUID], classes: Iterable[DataClass] = (), withheld: Iterable[DataClass] = ()) -> None:
        """Say whose data the answer holds, and of which classes; and which it would hold if the caller were told of them."""
        self.subjects |= set(subjects)
        self.classes |= set(classes)
        self.withheld |= set(withheld)
        self.told = True


def disclosure_of(request: Request) -> Disclosure:
    """Return what the answer to this request discloses so far."""
    return cast("Disclosure", request.state.disclosure)


class Disclosing:
    """The innermost middleware: whatever answers, also a problem, passes here first."""

    def __init__(self, app: ASGIApp, reads: Reads | None) -> None:
        self._app = app
        self._reads = reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        disclosure = scope.setdefault("state", {})["disclosure"] = Disclosure()
        answer = _Answer(scope, disclosure, self._reads, send)
        await self._app(scope, receive, answer.send)
        if answer.failure is not None:
            await problem_of(answer.failure).response(scope["state"]["correlation"])(scope, receive, send)


class _Answer:
    """Sends on what was recorded; keeps the rest to itself."""

    def __init__(self, scope: Scope, disclosure: Disclosure, reads: Reads | None, send: Send) -> None:
        self._scope = scope
        self._disclosure = disclosure
        self._reads = reads
        self._send = send
        self.failure: Exception | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._disclosure.caller is not None:
            self.failure = await self._record(self._disclosure.caller, message["status"])
            if self._disclosure.withheld and message["status"] < _FAILED:
                withheld = ",".join(sorted(self._disclosure.withheld)).encode()
                message["headers"] = [*message["headers"], (WITHHELD.lower().encode(), withheld)]
        if self.failure is None:
            await self._send(message)

    async def _record(self, caller: Caller, status: int) -> Exception | None:
        """Record the answer; return why it must not leave, if it must not."""
        disclosure = self._disclosure
        answered = status < _FAILED
        if answered and not disclosure.told:
            return RuntimeFault("an answer did not say whom it tells of")
        if self._reads is None:
            return RuntimeFault("an application that answers has no record of reads")
        read = Read(
            caller=caller,
            action=disclosure.action,
            correlation=self._scope["state"]["correlation"],
            subjects=disclosure.subjects if answered else disclosure.asked,
            classes=disclosure.classes if answered else (),
            status=status,
            origin=network_of(self._scope.get("client")),
        )
        try:
            await self._reads.record(read)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer stays
            log.error(  # noqa: TRY400 - the text of an error may quote anything
                "read.unrecorded", error=type(error).__qualname__, places=places_of(error)
            )
            return error if isinstance(error, Retryable) else RuntimeFault("the read could not be recorded")
        return None


def network_of(client: tuple[str, int] | None) -> str:
    """Return the network of whoever asks, such as 192.0.2.0/24; nothing where no address is known."""
    try:
        address = ip_address("" if client is None else client[0])
    except ValueError:
        return ""
    return str(ip_network((address, _NETWORKS[address.version]), strict=False))
