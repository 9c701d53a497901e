"""A process that rotates keys step by step and tells each, so that it can be killed between two of them, or inside one.

`python -m tests.runtime.store.rotated_elsewhere KEYS_DSN STORE_DSN`; it goes on after each line that it is sent.
"""

from __future__ import annotations

import asyncio
import sys

from services._runtime.store.connecting import connect
from services._runtime.store.key_encryption import KeyEncryptionKey
from services._runtime.store.rotating import Rotation
from tests.support.sealed_records import GRACE_S, KEK

STEPS = ("offer", "use", "reseal", "forget")


async def _rotate(keys_dsn: str, store_dsn: str) -> None:
    keys, store = await connect(keys_dsn), await connect(store_dsn, name="rotated elsewhere")
    rotation = Rotation(keys, store, "intake", KeyEncryptionKey(KEK), grace_s=GRACE_S, batch=7)
    for step in STEPS:
        await getattr(rotation, step)()
        sys.stdout.write(f"{step}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        await asyncio.sleep(GRACE_S + 0.1)


if __name__ == "__main__":
    asyncio.run(_rotate(*sys.argv[1:]))
