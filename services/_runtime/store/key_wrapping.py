"""Who wraps persons' keys, as a port: a key-encryption key in a file or a variable, or a service that keeps it (a KMS)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Bare:
    """A secret to be wrapped, and where it belongs: it opens nowhere else."""

    secret: bytes = field(repr=False)
    belongs: str


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A wrapped secret as it is stored, where it belongs, and the id of the key-encryption key that wraps it."""

    content: bytes
    belongs: str
    kek_id: str


class KeyWrapper(Protocol):
    """Wraps and unwraps many secrets at a time. What is in several processes wraps under the same key-encryption key, sooner or later."""

    @property
    def kek_id(self) -> str:
        """The id of the key-encryption key under which `wrap` wraps now. It names the key without telling it."""
        ...

    @property
    def blinding(self) -> bytes:
        """A secret of 32 bytes for HMACs, the same for ever: it outlives every key-encryption key."""
        ...

    async def wrap(self, bare: Sequence[Bare]) -> list[Wrapped]:
        """Return the secrets wrapped under the present key-encryption key, in their order."""
        ...

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """Return the secrets in their order. Raises `KeyUnreadable` where a key is not known (any more), or bytes were changed."""
        ...

    async def renew(self) -> None:
        """Learn which key-encryption key is the present one: another was put in its place, or the stored keys speak of one unknown."""
        ...
