"""`ancora keys …`: rotates persons' keys and the keys that wrap them, beside the running services; cut off and run again, it goes on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from contracts.topics import SERVICES
from services._runtime.provisioning import OWNER, database_of
from services._runtime.store.connecting import connect
from services._runtime.store.key_encryption import KnownKeys, kek_in_file, replace_kek
from services._runtime.store.rotating import GRACE_S, Rotation
from services.cli.console import MISUSED, err, fail, out
from services.cli.deployment import running, told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from services.cli.deployment import Deployment

EVERY = "all"


def rotate(service: str, *, person: str | None, grace_s: float = GRACE_S) -> None:
    """Rotate the keys of a person, or all, in one service or all."""
    chosen = _chosen(service)
    with told():
        asyncio.run(_rotate_all(running(), chosen, person, grace_s))


def rotate_kek(service: str) -> None:
    """Put a fresh key-encryption key in the place of the present one, in one service or all."""
    chosen = _chosen(service)
    with told():
        asyncio.run(_rotate_keks(running(), chosen))


async def _rotate_all(deployment: Deployment, chosen: Sequence[str], person: str | None, grace_s: float) -> None:
    err.print(f"  every process learns of each of three stages in {grace_s:.0f} s; the services go on meanwhile …")
    await asyncio.gather(*(_rotate_one(deployment, service, person, grace_s) for service in chosen))


async def _rotate_one(deployment: Deployment, service: str, person: str | None, grace_s: float) -> None:
    async with _rotation(deployment, service, grace_s) as rotation:
        count = await rotation.run(person)
    out.print(f"{service}: {count} keys rotated; what they sealed is sealed anew, events and digests are as they were", markup=False)


async def _rotate_keks(deployment: Deployment, chosen: Sequence[str]) -> None:
    for service in chosen:
        path = kek_path(deployment, service)
        text = kek_in_file(path)
        if len(text.keys) == 1:
            # The fresh key is on disk, beside the one that still opens everything, before anything is wrapped by it.
            replace_kek(path, text := text.with_new_key())
        present, *older = text.known()
        async with _rotation(deployment, service, GRACE_S) as rotation:
            await rotation.retire([key.kek_id for key in older])
            count = await rotation.rewrap()
        replace_kek(path, text.present_only())
        out.print(f"{service}: {count} keys are wrapped by {present.kek_id} now; the key-encryption key before is of no use", markup=False)


@asynccontextmanager
async def _rotation(deployment: Deployment, service: str, grace_s: float) -> AsyncIterator[Rotation]:
    keys = await connect(deployment.dsn(database_of("keys"), OWNER), name="ancora keys")
    store = await connect(deployment.dsn(database_of(service), OWNER), name="ancora keys")
    try:
        yield Rotation(keys, store, service, KnownKeys(lambda: kek_in_file(kek_path(deployment, service))), grace_s=grace_s)
    finally:
        await keys.close()
        await store.close()


def kek_path(deployment: Deployment, service: str) -> Path:
    """Return the file of a service's key-encryption keys."""
    return deployment.home.secrets / f"kek-{service}"


def _chosen(service: str) -> Sequence[str]:
    if service not in (*SERVICES, EVERY):
        fail(f"{service!r} is not a service: give one of {', '.join(SERVICES)}, or {EVERY}", MISUSED)
    return SERVICES if service == EVERY else (service,)
