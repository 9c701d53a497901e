"""Key-encryption keys outside the database, in a file or a variable: the present one, and older ones until they wrap nothing any more.

The text of either is words between white space: first the present key (64 hexadecimal digits), then older ones, and
`hmac:` with 64 digits, the secret of HMACs, which outlives the keys. Where it is missing it is derived from the oldest key.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services._runtime.store.key_wrapping import Wrapped
from services._runtime.store.keyring import KEY_BYTES, KeyUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from services._runtime.store.key_wrapping import Bare

_NONCE_BYTES = 12
_HMAC = "hmac:"
_WORD = re.compile(f"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")


class KeyEncryptionKey:
    """Wraps and unwraps keys by AES-256-GCM, each bound to where it belongs."""

    def __init__(self, secret: bytes) -> None:
        """Use 32 secret bytes."""
        if len(secret) != KEY_BYTES:
            raise KeyUnreadable(f"a key-encryption key has {KEY_BYTES} bytes, this one {len(secret)}")
        self._cipher = AESGCM(secret)
        self.kek_id = sha256(b"ancora key-encryption key id" + secret).hexdigest()[:16]
        """Names the key without telling it."""
        self.blinding = derived(secret, b"ancora hmac root")

    async def wrap(self, bare: Sequence[Bare]) -> list[Wrapped]:
        """See `KeyWrapper.wrap`."""
        return [Wrapped(self._sealed(one), one.belongs, self.kek_id) for one in bare]

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """See `KeyWrapper.unwrap`."""
        return [self.opened(one) for one in wrapped]

    async def renew(self) -> None:
        """See `KeyWrapper.renew`: there is this one only."""

    def opened(self, wrapped: Wrapped) -> bytes:
        """Return the secret; raises `KeyUnreadable` where another key wraps it or bytes were changed."""
        if wrapped.kek_id != self.kek_id:
            raise unknown(wrapped.kek_id, self.kek_id)
        try:
            return self._cipher.decrypt(wrapped.content[:_NONCE_BYTES], wrapped.content[_NONCE_BYTES:], wrapped.belongs.encode())
        except InvalidTag:
            raise KeyUnreadable("a stored key was changed: its wrapping does not open where it lies") from None

    def _sealed(self, bare: Bare) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, bare.secret, bare.belongs.encode())


@dataclass(frozen=True, slots=True)
class KekText:
    """What a file or a variable holds: the keys, the present one first, in hexadecimal; and the secret of HMACs."""

    keys: tuple[str, ...] = field(repr=False)
    blinding: str = field(repr=False)

    @classmethod
    def read(cls, text: str, source: str) -> KekText:
        """Return what the text says; raises `KeyUnreadable`, which names the source and quotes nothing."""
        words = text.split()
        keys = tuple(word for word in words if not word.startswith(_HMAC))
        given = [word.removeprefix(_HMAC) for word in words if word.startswith(_HMAC)]
        if not keys or len(given) > 1 or not all(_WORD.fullmatch(word) for word in (*keys, *given)):
            expected = f"expected {2 * KEY_BYTES} hexadecimal digits, older keys after them"
            raise KeyUnreadable(f"{source} holds no key-encryption key: {expected}")
        return cls(keys, given[0] if given else KeyEncryptionKey(bytes.fromhex(keys[-1])).blinding.hex())

    @classmethod
    def new(cls) -> KekText:
        """Return a fresh key and a fresh secret."""
        return cls((secrets.token_hex(KEY_BYTES),), secrets.token_hex(KEY_BYTES))

    def text(self) -> str:
        """Return the text, one word a line."""
        return "".join(f"{word}\n" for word in (*self.keys, _HMAC + self.blinding))

    def with_new_key(self) -> KekText:
        """Return the same with a fresh key in front."""
        return KekText((secrets.token_hex(KEY_BYTES), *self.keys), self.blinding)

    def present_only(self) -> KekText:
        """Return the same without its older keys."""
        return KekText(self.keys[:1], self.blinding)

    def known(self) -> tuple[KeyEncryptionKey, ...]:
        """Return the keys, the present one first."""
        return tuple(KeyEncryptionKey(bytes.fromhex(key)) for key in self.keys)


class KnownKeys:
    """Several key-encryption keys, of which the first wraps. An id that is not known is looked for in the source again."""

    def __init__(self, source: Callable[[], KekText]) -> None:
        """Use what `source` gives, now and whenever something is not known."""
        self._source = source
        self._take()

    @property
    def kek_id(self) -> str:
        """See `KeyWrapper.kek_id`."""
        return self._present.kek_id

    async def wrap(self, bare: Sequence[Bare]) -> list[Wrapped]:
        """See `KeyWrapper.wrap`."""
        return await self._present.wrap(bare)

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> list[bytes]:
        """See `KeyWrapper.unwrap`."""
        if not {one.kek_id for one in wrapped} <= self._known.keys():
            self._take()
        return [self._of(one).opened(one) for one in wrapped]

    async def renew(self) -> None:
        """See `KeyWrapper.renew`."""
        self._take()

    def _of(self, wrapped: Wrapped) -> KeyEncryptionKey:
        known = self._known.get(wrapped.kek_id)
        if known is None:
            raise unknown(wrapped.kek_id, ", ".join(self._known))
        return known

    def _take(self) -> None:
        text = self._source()
        keys = text.known()
        self._present = keys[0]
        self._known = {key.kek_id: key for key in keys}
        self.blinding = bytes.fromhex(text.blinding)


def derived(secret: bytes, use: bytes) -> bytes:
    """Return 32 bytes for one use, from which the secret cannot be found."""
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=use).derive(secret)


def unknown(wanted: str, given: str) -> KeyUnreadable:
    """Return the error for a key-encryption key that is not at hand."""
    return KeyUnreadable(
        f"a key is wrapped by key-encryption key {wanted}, but {given} was given: "
        "point ANCORA_KEK_FILE to the file with which these databases were made, or add the older key to it"
    )


def kek_in_file(path: Path) -> KekText:
    """Return what the file holds, made (readable by its owner only) where there is none. Safe when several processes start at once."""
    try:
        return KekText.read(path.read_text(encoding="ascii"), path.name)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except UnicodeDecodeError:
        return KekText.read("", path.name)
    arriving = _arriving(path, KekText.new())
    try:
        # Linked, not renamed: of several processes one wins, and nobody replaces its key.
        path.hardlink_to(arriving)
    except FileExistsError:
        pass
    finally:
        arriving.unlink()
    return kek_in_file(path)


def replace_kek(path: Path, text: KekText) -> None:
    """Put a new text into the file's place, whole: nobody ever reads half a key."""
    _arriving(path, text).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _arriving(path: Path, text: KekText) -> Path:
    """Write the text beside its place, on disk, for its owner only."""
    arriving = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - Path.open cannot take a mode
        file.write(text.text())
        file.flush()
        os.fsync(file.fileno())
    return arriving
