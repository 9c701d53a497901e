"""The data folder of one embedded stack: what lies where in it, and how it is made, guarded and emptied."""

import asyncio
import fcntl
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
_MARKER = ".ancora-home"
# What a reset leaves: downloads, which cost time, and the port numbers, which people have in their bookmarks.
# `uv` and `uv.lock` are the wrapper's: it may have been here first.
_WRAPPERS = frozenset({"uv", "uv.lock"})
_KEPT_BY_RESET = _WRAPPERS | {_MARKER, "jars", "ports.json", "run"}
_LOCK_WAIT_SECONDS = 120.0


class NotOurFolderError(Exception):
    """The folder named as data folder holds something else; nothing was changed in it."""


class HomeBusyError(Exception):
    """Another command does with this data folder what only one may do at a time."""


@dataclass(frozen=True)
class Home:
    """The data folder of one stack. Two stacks never share one; everything they keep is below it."""

    root: Path

    @property
    def jars(self) -> Path:
        """Kafka's jars, kept by a reset."""
        return self.root / "jars"

    @property
    def kafka(self) -> Path:
        """The broker's settings, data and temporary files."""
        return self.root / "kafka"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Pid files, the lock and the supervisor's state."""
        return self.root / "run"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys; the folder is its owner's alone."""
        return self.root / "secrets"

    def prepare(self) -> None:
        """Make the folder and its rooms; raises NotOurFolderError for a folder in use for something else."""
        self._refuse_foreign()
        self.root.mkdir(parents=True, exist_ok=True)
        # Root lets PostgreSQL's unprivileged account pass through, but not list.
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (self.root / _MARKER).touch()
        for room in (self.jars, self.kafka, self.logs, self.run, self.secrets):
            room.mkdir(mode=0o700, exist_ok=True)

    def clear(self) -> None:
        """Remove all data but keep downloads and port numbers; the stack must be stopped. Does nothing where there is no folder."""
        if not self.root.exists():
            return
        self._refuse_foreign()
        for entry in self.root.iterdir():
            if entry.name in _KEPT_BY_RESET:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Hold the prepared folder for starting or stopping; raises HomeBusyError after two minutes of waiting."""
        with (self.run / "lock").open("w") as handle:
            deadline = time.monotonic() + _LOCK_WAIT_SECONDS
            while not _locked(handle.fileno()):
                if time.monotonic() > deadline:
                    message = f"another command is starting or stopping the stack in {self.root}"
                    raise HomeBusyError(message)
                await asyncio.sleep(0.1)
            yield

    @contextmanager
    def alone(self, doing: str) -> Iterator[None]:
        """Hold the prepared folder for what two at once would spoil, such as "measuring"; raises HomeBusyError where another does it."""
        with (self.run / f"{doing}.lock").open("w") as handle:
            if not _locked(handle.fileno()):
                message = f"another process is {doing} in {self.root}: wait until it ends"
                raise HomeBusyError(message)
            yield

    def _refuse_foreign(self) -> None:
        if not self.root.exists() or (self.root / _MARKER).exists():
            return
        if any(entry.name not in _WRAPPERS for entry in self.root.iterdir()):
            message = f"{self.root} exists and is no Ancora data folder; name an empty or a new one in ANCORA_HOME"
            raise NotOurFolderError(message)


def default_home() -> Home:
    """Give the data folder of this checkout: `.ancora` in it, or what ANCORA_HOME names."""
    named = os.environ.get("ANCORA_HOME")
    return Home(Path(named).expanduser().resolve() if named else CHECKOUT / ".ancora")


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file so that a reader sees the old text or the new, never a part."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)


def read_json(path: Path) -> object:
    """Read a JSON file; None where it is absent or was left half-written."""
    try:
        content: object = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
