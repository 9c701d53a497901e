"""Keeps the services' processes running: starts them, restarts one that dies, ends them in order, and says how they are."""

import asyncio
import dataclasses
import json
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import psutil

from deploy.local.logs import LARGEST_LOG, bound
from deploy.local.paths import CHECKOUT, Home, read_json, write_whole
from deploy.local.process import Launch, PidFile, end, last_lines, start

_LOOK_SECONDS = 0.2
_DEATHS_BEFORE_GIVING_UP = 3


class State(StrEnum):
    """How a supervised process is."""

    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing off"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Command:
    """A process to keep running. `ready` tells whether it serves (if it raises: not yet); without it, running is enough."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], Awaitable[bool]] | None = None
    directory: Path = CHECKOUT


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits, in seconds.

    Between restarts (doubling, from `first` to `limit`), for health, for readiness, for an orderly end, between looks at the logs.
    """

    first: float = 0.5
    limit: float = 30.0
    healthy_after: float = 60.0
    ready: float = 90.0
    grace: float = 20.0
    logs: float = 5.0

    def delay(self, deaths: int) -> float:
        """Give the wait before the restart that follows so many deaths in a row."""
        return min(self.limit, self.first * 2.0 ** min(deaths - 1, 16))


@dataclass(frozen=True)
class ProcessStatus:
    """How one process is; `since` is when it came into this state."""

    name: str
    pid: int | None
    state: State
    restarts: int
    since: datetime


class SupervisionError(Exception):
    """A process did not become ready at the first start; the message has the end of its log."""


@dataclass
class _Supervised:
    command: Command
    status: ProcessStatus
    pid_file: PidFile
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    was_ready: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Runs commands until told to stop, and keeps the logs of their data folder bounded; at most one supervisor per data folder.

    Each process has a session of its own, so the terminal's Ctrl-C reaches the caller only, who stops all in order.
    """

    def __init__(
        self,
        home: Home,
        commands: Sequence[Command],
        progress: Callable[[str, str], None] = lambda _name, _state: None,
        patience: Patience = Patience(),
        largest_log: int = LARGEST_LOG,
    ) -> None:
        """Supervise these commands, started in the given order; `progress` is told (name, state) at each change."""
        self._home = home
        self._progress = progress
        self._patience = patience
        self._largest_log = largest_log
        self._supervised = [
            _Supervised(command, ProcessStatus(command.name, None, State.STOPPED, 0, _now()), _pid_file(home, command.name))
            for command in commands
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """End leftovers, start every command, return when all are ready. Whoever cancels it calls `stop`.

        Raises SupervisionError, after ending them, when one dies three times before it was ready or is not ready in time.
        """
        self._home.prepare()
        await asyncio.to_thread(end_leftovers, self._home, self._patience.grace)
        supervisor_pid_file(self._home).write(os.getpid())
        self._tasks = [asyncio.create_task(self._keep(one), name=f"keep {one.command.name}") for one in self._supervised]
        self._tasks.append(asyncio.create_task(self._bound_logs(), name="bound the logs"))
        try:
            async with asyncio.timeout(self._patience.ready), asyncio.TaskGroup() as waiting:
                for one in self._supervised:
                    waiting.create_task(self._first_readiness(one))
        except (ExceptionGroup, TimeoutError):
            late = [one.command for one in self._supervised if not one.was_ready.is_set()]
            await self.stop()
            raise SupervisionError(
                "\n".join(f"{command.name} did not become ready; the end of its log:\n{last_lines(command.log)}" for command in late)
            ) from None

    async def stop(self) -> None:
        """End all processes in reverse order, each with SIGTERM, and SIGKILL after the grace period."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for one in reversed(self._supervised):
            if one.process is not None:
                await asyncio.to_thread(_end, one.pid_file, self._patience.grace)
            one.process = None
            self._enter(one, State.STOPPED)
        supervisor_pid_file(self._home).forget()

    def snapshot(self) -> list[ProcessStatus]:
        """Say how each process is now, in starting order."""
        return [one.status for one in self._supervised]

    async def _keep(self, one: _Supervised) -> None:
        while True:
            began = time.monotonic()
            await self._run_once(one)
            healthy = one.was_ready.is_set() and time.monotonic() - began >= self._patience.healthy_after
            one.deaths = 1 if healthy else one.deaths + 1
            self._enter(one, State.BACKING_OFF)
            await asyncio.sleep(self._patience.delay(one.deaths))
            one.status = dataclasses.replace(one.status, restarts=one.status.restarts + 1)

    async def _bound_logs(self) -> None:
        """Keep all logs of the data folder bounded, those of the real parts too."""
        while True:
            await asyncio.sleep(self._patience.logs)
            for log in self._home.logs.glob("*.log"):
                await asyncio.to_thread(bound, log, self._largest_log)

    async def _run_once(self, one: _Supervised) -> None:
        """Run the process until it ends by itself."""
        command = one.command
        try:
            one.process = start(Launch(command.argv, command.environment, command.directory, command.log), one.pid_file)
        except (OSError, psutil.NoSuchProcess) as error:
            with command.log.open("a") as log:
                log.write(f"cannot be started: {error}\n")
            return
        self._enter(one, State.STARTING)
        while one.process.poll() is None:
            if one.status.state is State.STARTING and await _is_ready(command):
                self._enter(one, State.RUNNING)
                one.was_ready.set()
            await asyncio.sleep(_LOOK_SECONDS)
        # Whatever it started must not outlive it: the next one would collide with it.
        await asyncio.to_thread(_end_session, one.process.pid)
        one.process = None
        one.pid_file.forget()

    async def _first_readiness(self, one: _Supervised) -> None:
        while not one.was_ready.is_set():
            if one.deaths >= _DEATHS_BEFORE_GIVING_UP:
                raise SupervisionError(one.command.name)
            await asyncio.sleep(_LOOK_SECONDS / 2)

    def _enter(self, one: _Supervised, state: State) -> None:
        pid = one.process.pid if one.process is not None else None
        one.status = dataclasses.replace(one.status, pid=pid, state=state, since=_now())
        report = [dataclasses.asdict(status) | {"since": status.since.isoformat()} for status in self.snapshot()]
        write_whole(_state_file(self._home), json.dumps(report, indent=1))
        self._progress(one.command.name, str(state))


async def _is_ready(command: Command) -> bool:
    if command.ready is None:
        return True
    try:
        return await command.ready()
    except Exception:  # noqa: BLE001 - whatever a probe fails with, it means the same: not ready
        return False


def read_snapshot(home: Home) -> list[ProcessStatus]:
    """Read, from any process, how the supervised processes are; empty where no supervisor runs."""
    content = read_json(_state_file(home))
    if supervisor_pid_file(home).process() is None or not isinstance(content, list):
        return []
    return [
        ProcessStatus(row["name"], row["pid"], State(row["state"]), row["restarts"], datetime.fromisoformat(row["since"]))
        for row in content
    ]


def supervisor_pid_file(home: Home) -> PidFile:
    """Give the file that remembers the supervising process; who wants all to stop sends that one SIGTERM."""
    return PidFile(home.run / "supervisor.pid")


def end_leftovers(home: Home, grace: float = Patience.grace) -> None:
    """End every supervised process that a crashed supervisor left running in this data folder."""
    for path in sorted(home.run.glob("service-*.pid"), reverse=True):
        _end(PidFile(path), grace)


def _pid_file(home: Home, name: str) -> PidFile:
    return PidFile(home.run / f"service-{name}.pid")


def _state_file(home: Home) -> Path:
    return home.run / "services.json"


def _end(pid_file: PidFile, grace: float) -> None:
    left = pid_file.process()
    if left is not None:
        end([left], signal.SIGTERM, grace)
    pid_file.forget()


def _end_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
