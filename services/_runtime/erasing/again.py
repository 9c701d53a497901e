"""Erasing again: a backup that was put back may hold keys and ciphertexts of somebody whose erasure the service has acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services._runtime.erasing.destroying import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from services._runtime.handling import Commands


async def erase_again(commands: Commands) -> int:
    """Destroy what was put back of whoever this service has acknowledged as erased; return how many they are. Changes nothing else."""
    acknowledged = await commands.store.streams(ACKNOWLEDGEMENT.category)
    for stream_id in acknowledged:
        await commands.destruction.destroy(UUID(stream_id.removeprefix(f"{ACKNOWLEDGEMENT.category}-")))
    return len(acknowledged)
