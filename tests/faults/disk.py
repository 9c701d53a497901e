"""A small disk under PostgreSQL's data, which the test fills: a file system in memory, mounted for as long as the body runs."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.postgres import _account

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from io import FileIO

    from tests.faults.world import World

_ROOM_MIB = 96
_CHUNKS = (1 << 20, 1 << 12)


class NotPermitted(Exception):
    """This machine does not let us mount a file system; only root may, and not in every container."""


@dataclass
class Disk:
    """A file system and the file that fills it."""

    root: Path

    @property
    def _filler(self) -> Path:
        return self.root / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in _CHUNKS:
                _write_on(filler, bytes(size))

    def clear(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)


@asynccontextmanager
async def small_disk(world: World) -> AsyncIterator[Disk]:
    """Put PostgreSQL's data on a disk with little room, and back on the real one afterwards; raises `NotPermitted`."""
    server = world.server
    data = server._room(_account()) / "postgres"
    beside, mounted = data.with_name("postgres.real"), data.with_name("postgres.disk")
    mounted.mkdir()
    try:
        used = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) >> 20
        _run("mount", "-t", "tmpfs", "-o", f"size={used + _ROOM_MIB}m,mode=711", "tmpfs", str(mounted))
    except NotPermitted:
        mounted.rmdir()
        raise
    try:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(_run, "cp", "-a", str(data), str(mounted / "postgres"))
        data.rename(beside)
        data.symlink_to(mounted / "postgres")
        await world.revive()
        yield Disk(mounted)
    finally:
        await asyncio.to_thread(server.stop)
        if data.is_symlink():
            data.unlink()
            await asyncio.to_thread(_run, "cp", "-a", str(mounted / "postgres"), str(data))
            await asyncio.to_thread(shutil.rmtree, beside)
        await asyncio.to_thread(_run, "umount", str(mounted))
        mounted.rmdir()
        await world.revive()


def _write_on(file: FileIO, chunk: bytes) -> None:
    try:
        while file.write(chunk) == len(chunk):
            pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def _run(*words: str) -> None:
    if os.geteuid() != 0:
        raise NotPermitted("only root may mount a file system")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPermitted(f"{words[0]}: {done.stderr.strip()}")
