"""The key-encryption key: it wraps every person's keys and lies outside the database, in a file of its own."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services._runtime.store.keyring import KEY_BYTES, KeyUnreadable

_NONCE_BYTES = 12


class KeyEncryptionKey:
    """Wraps and unwraps keys by AES-256-GCM, each bound to where it belongs."""

    def __init__(self, secret: bytes) -> None:
        """Use 32 secret bytes."""
        if len(secret) != KEY_BYTES:
            raise KeyUnreadable(f"a key-encryption key has {KEY_BYTES} bytes, this one {len(secret)}")
        self._cipher = AESGCM(secret)
        self.kek_id = sha256(b"ancora key-encryption key id" + secret).hexdigest()[:16]
        """Names the key without telling it."""

    def wrap(self, plain: bytes, belongs: str) -> bytes:
        """Return nonce and ciphertext; `belongs` must be said again to unwrap."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, belongs.encode())

    def unwrap(self, wrapped: bytes, belongs: str, kek_id: str) -> bytes:
        """Return the key that was wrapped under `kek_id`; raises `KeyUnreadable` where this is another one or bytes were changed."""
        if kek_id != self.kek_id:
            raise KeyUnreadable(
                f"a key is wrapped by key-encryption key {kek_id}, but {self.kek_id} was given: "
                "point ANCORA_KEK_FILE to the file with which these databases were made"
            )
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], belongs.encode())
        except InvalidTag:
            raise KeyUnreadable("a stored key was changed: its wrapping does not open where it lies") from None


def load_or_create_kek(path: Path) -> KeyEncryptionKey:
    """Return the key in the file, made (readable by its owner only) where there is none. Safe when several processes start at once."""
    try:
        return KeyEncryptionKey(bytes.fromhex(path.read_text(encoding="ascii")))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except ValueError:
        raise KeyUnreadable(f"{path.name} holds no key-encryption key: expected {2 * KEY_BYTES} hexadecimal digits") from None
    # Written whole beside its place, then linked: of several processes one wins, and nobody reads half a key.
    arriving = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - Path.open cannot take a mode
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(arriving)
    except FileExistsError:
        pass
    finally:
        arriving.unlink()
    return load_or_create_kek(path)
