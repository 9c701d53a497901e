"""A process ends in time, whatever its works make of being told to."""

from __future__ import annotations

import asyncio

from services._runtime.hosting.ending import unended


async def test_works_that_end_or_fail_when_they_are_told_to_are_not_left() -> None:
    """What they raise is nobody's concern any more."""

    async def obedient() -> None:
        await asyncio.Event().wait()

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("while ending")

    assert await unended({await _begun(obedient()), await _begun(failing())}, within_s=5) == set()


async def test_a_work_that_lost_its_cancellation_is_told_again() -> None:
    """As happens where a library answers at that very moment."""

    async def deaf_once() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    assert await unended({await _begun(deaf_once())}, within_s=0.2) == set()


async def test_a_work_that_never_ends_is_named() -> None:
    """The process then leaves without it."""
    released = asyncio.Event()

    async def deaf() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    work = await _begun(deaf())
    assert await unended({work}, within_s=0.2) == {work}
    released.set()
    await work


async def _begun(coroutine: object) -> asyncio.Task[None]:
    task: asyncio.Task[None] = asyncio.create_task(coroutine)  # type: ignore[arg-type] # a coroutine
    await asyncio.sleep(0)
    return task
