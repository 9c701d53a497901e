"""Processes that may outlive the command that started them: found again by pid file, ended by pid, never by name."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.logs import bound
from deploy.local.paths import read_json, write_whole

# The start time is computed from the clock and the machine's boot time, which may be corrected while a process runs.
_START_TOLERANCE_SECONDS = 2.0
_KILL_WAIT_SECONDS = 10.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Account:
    """The account a process runs under; without ids it is the caller's own."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> Sequence[int] | None:
        """The further groups it belongs to: none, where it is not the caller's own."""
        return None if self.uid is None else ()


OWN_ACCOUNT = Account()


@dataclass(frozen=True)
class PidFile:
    """Remembers a process by pid *and* start time, so that a stranger who was given the pid later is never touched."""

    path: Path

    def write(self, pid: int) -> None:
        """Remember the process, which must be running or not yet waited for."""
        write_whole(self.path, json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()}))

    def process(self) -> psutil.Process | None:
        """Give the remembered process if that very one still runs."""
        content = read_json(self.path)
        if not isinstance(content, dict):
            return None
        try:
            process = psutil.Process(int(content["pid"]))
            same = abs(process.create_time() - float(content["started"])) < _START_TOLERANCE_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (KeyError, ValueError, psutil.NoSuchProcess):
            return None

    def forget(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Launch:
    """How to start one process: in a session of its own, so that the terminal's Ctrl-C does not reach it."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    account: Account = OWN_ACCOUNT


def start(launch: Launch, pid_file: PidFile) -> subprocess.Popen[bytes]:
    """Start the process, its output appended to the log, and remember it; raises OSError if it cannot run."""
    bound(launch.log)
    with launch.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the argument vectors are built by this package, no shell is involved
            launch.argv,
            env=dict(launch.environment),
            cwd=launch.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=launch.account.uid,
            group=launch.account.gid,
            extra_groups=launch.account.groups,
        )
    pid_file.write(process.pid)
    return process


def end(processes: Sequence[psutil.Process], first: signal.Signals, grace: float) -> None:
    """End processes and all their descendants: the first signal, up to `grace` seconds of patience, then SIGKILL.

    Only the given processes get the first signal: they know how to end their children.
    """
    family = {member for process in processes for member in _family(process)}
    for process in processes:
        _send(process, first)
    alive = wait_until_ended(family, grace)
    for process in alive:
        _send(process, signal.SIGKILL)
    wait_until_ended(alive, _KILL_WAIT_SECONDS)


def wait_until_ended(processes: Collection[psutil.Process], patience: float) -> list[psutil.Process]:
    """Wait until the processes have ended, at most `patience` seconds; give those that have not.

    A zombie has ended: in a container there may be nobody who ever reaps it.
    """
    deadline = time.monotonic() + patience
    while (alive := [process for process in processes if _lives(process)]) and time.monotonic() < deadline:
        psutil.wait_procs(alive, timeout=_LOOK_SECONDS)
    # Children of this very process that ended between two looks are ours to reap.
    psutil.wait_procs([process for process in processes if process not in alive], timeout=0)
    return alive


def last_lines(log: Path, count: int = 8) -> str:
    """Give the end of a log file, to show why a process did not start."""
    try:
        with log.open("rb") as handle:
            handle.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(handle.read().decode(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""


def plain_environment() -> dict[str, str]:
    """Give the little a server needs from the environment, so that the caller's settings do not leak into it."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"}


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [process]


def _lives(process: psutil.Process) -> bool:
    try:
        # The first thread of a JVM is a zombie before the others have ended and let go of its ports.
        return process.is_running() and (process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False


def _send(process: psutil.Process, sent: signal.Signals) -> None:
    try:
        process.send_signal(sent)
    except psutil.NoSuchProcess:
        return
