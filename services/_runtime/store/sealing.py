"""Sealing: personal fields leave an event before it is stored, under the key of the person and the data class.

The ciphertext lies outside the digest; a commitment to the plaintext lies inside it. So erasing or re-encrypting
the ciphertext changes no digest, and whoever still has the key can prove that the plaintext is what was recorded.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services._runtime.errors import RuntimeFault
from services._runtime.store.port import SealedPart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from contracts.event import Event
    from contracts.personal import DataClass
    from services._runtime.store.keyring import Key

    Owner = tuple[str, DataClass]

_NONCE_BYTES = 12


class SealBroken(RuntimeFault):
    """A ciphertext does not belong where it lies, or its plaintext is not what was committed to."""


class Place(Protocol):
    """Where a sealed part belongs: an envelope, or the part of one that is known before the event is stored."""

    @property
    def event_id(self) -> UUID:
        """The event's id."""
        ...

    @property
    def stream_id(self) -> str:
        """The event's stream."""
        ...

    @property
    def stream_version(self) -> int:
        """The event's version in its stream."""
        ...


def owners(events: Iterable[Event]) -> set[Owner]:
    """Return whose keys these events need: (subject's id, data class) for every personal field that has a value."""
    needed: set[Owner] = set()
    for event in events:
        subjects = _subjects(event)
        present = {mark for name, mark in event.personal_fields.items() if getattr(event, name) is not None}
        needed.update((subjects[mark.subject], mark.data_class) for mark in present)
    return needed


def clear_data(event: Event) -> bytes:
    """Return the bytes that are stored and sent: the event's fields as JSON, personal ones left out."""
    return event.model_dump_json(exclude=set(event.personal_fields)).encode()


def seal(event: Event, place: Place, keys: Mapping[Owner, Key]) -> tuple[SealedPart, ...]:
    """Return the sealed parts of an event, one per key, in the order in which the commitment takes them."""
    parts: dict[Owner, dict[str, Any]] = defaultdict(dict)
    values = event.model_dump(mode="json", include=set(event.personal_fields))
    subjects = _subjects(event)
    for name, mark in event.personal_fields.items():
        if (value := values[name]) is not None:
            parts[subjects[mark.subject], mark.data_class][name] = value
    return tuple(_seal_part(keys[owner], place, parts[owner]) for owner in sorted(parts))


def commitments(parts: Sequence[SealedPart]) -> bytes:
    """Return what the store keeps of the commitments: key id and HMAC of each part, 48 bytes apiece."""
    return b"".join(part.key_id.bytes + part.commitment for part in parts)


def commitment(kept: bytes) -> bytes:
    """Return what the digest takes: SHA-256 over all kept commitments, or nothing where nothing is personal."""
    return sha256(kept).digest() if kept else b""


def open_parts(place: Place, sealed: Collection[tuple[UUID, bytes]], keys: Mapping[UUID, Key]) -> dict[str, Any]:
    """Return the personal fields that can still be read: parts whose key was destroyed stay shut. Raises `SealBroken`."""
    fields: dict[str, Any] = {}
    for key_id, ciphertext in sealed:
        key = keys.get(key_id)
        if key is not None:
            fields.update(json.loads(_open_part(key, place, ciphertext)))
    return fields


def plaintext_commitment(key: Key, place: Place, ciphertext: bytes) -> bytes:
    """Return the commitment that a ciphertext's plaintext has, for comparison with the one that was kept."""
    return _commit(key, place, _open_part(key, place, ciphertext))


def _subjects(event: Event) -> dict[str, str]:
    """Return the ids of those whom the event's personal fields are of, each written out once, by the fields that hold them."""
    return {name: str(getattr(event, name)) for name in {mark.subject for mark in event.personal_fields.values()}}


def _seal_part(key: Key, place: Place, fields: dict[str, Any]) -> SealedPart:
    plaintext = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return SealedPart(key.key_id, _closed(key.sealing, place, plaintext), _commit(key, place, plaintext))


def _open_part(key: Key, place: Place, ciphertext: bytes) -> bytes:
    for secret in (key.sealing, key.other):
        if secret is not None and (plaintext := _opened(secret, place, ciphertext)) is not None:
            return plaintext
    raise SealBroken(f"the sealed part of event {place.event_id} under key {key.key_id} cannot be opened")


def resealed(key: Key, place: Place, ciphertext: bytes) -> bytes | None:
    """Return the part sealed anew under the key's present secret; None where it is already. Raises `SealBroken`."""
    if _opened(key.sealing, place, ciphertext) is not None:
        return None
    return _closed(key.sealing, place, _open_part(key, place, ciphertext))


def _opened(secret: bytes, place: Place, ciphertext: bytes) -> bytes | None:
    try:
        return AESGCM(secret).decrypt(ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:], _bound_to(place))
    except InvalidTag:
        return None


def _closed(secret: bytes, place: Place, plaintext: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, plaintext, _bound_to(place))


def _bound_to(place: Place) -> bytes:
    """Bind a ciphertext to its event, stream and version, so that it opens nowhere else."""
    return f"{place.event_id}\x1f{place.stream_id}\x1f{place.stream_version}".encode()


def _commit(key: Key, place: Place, plaintext: bytes) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=place.event_id.bytes).derive(key.commitment)
    return hmac.digest(derived, plaintext, "sha256")
