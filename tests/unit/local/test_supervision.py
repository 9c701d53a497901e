import asyncio
import dataclasses
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from deploy.local.logs import bound
from deploy.local.paths import Home
from deploy.local.supervision import Command, Patience, State, SupervisionError, Supervisor, read_snapshot, supervisor_pid_file

QUICK = Patience(first=0.05, limit=0.4, healthy_after=0.3, ready=5.0, grace=2.0)
SLEEP = "import time; time.sleep(60)"
SAYS_WHEN_IT_ENDS = """
import signal, sys, time
def ended(number, frame):
    with open(sys.argv[1], "a") as order:
        order.write(sys.argv[2] + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, ended)
open(sys.argv[1] + "." + sys.argv[2], "w").close()
time.sleep(60)
"""
Make = Callable[..., Supervisor]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data folder."""
    made = Home(tmp_path / "home")
    made.prepare()
    return made


@pytest.fixture
async def supervise(home: Home) -> AsyncIterator[Make]:
    """Make supervisors that are stopped after the test."""
    made: list[Supervisor] = []

    def make(
        *commands: Command, patience: Patience = QUICK, progress: Callable[[str, str], None] = lambda _name, _state: None
    ) -> Supervisor:
        made.append(Supervisor(home, commands, progress, patience))
        return made[-1]

    yield make
    for supervisor in made:
        await supervisor.stop()


def command(home: Home, name: str, program: str, *arguments: str, ready: Callable[[], Awaitable[bool]] | None = None) -> Command:
    """Describe a Python program as a command."""
    return Command(name, [sys.executable, "-c", program, *arguments], dict(os.environ), home.logs / f"{name}.log", ready)


async def started_again(supervisor: Supervisor, times: int) -> None:
    """Wait, two seconds at most, until the only process runs after so many restarts."""
    await eventually(lambda: (supervisor.snapshot()[0].restarts, supervisor.snapshot()[0].state) == (times, State.RUNNING), 2.0)


async def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is awaited happens in other processes
            await asyncio.sleep(0.02)


async def test_a_killed_process_is_started_again_and_counted(home: Home, supervise: Make) -> None:
    """A service process that dies comes back, and the status says so."""
    supervisor = supervise(command(home, "intake", SLEEP))
    await supervisor.start()
    before = supervisor.snapshot()[0]
    assert (before.state, before.restarts) == (State.RUNNING, 0)
    os.kill(before.pid or 0, signal.SIGKILL)
    await eventually(lambda: supervisor.snapshot()[0].restarts == 1 and supervisor.snapshot()[0].state is State.RUNNING)
    assert supervisor.snapshot()[0].pid != before.pid
    assert supervisor.snapshot()[0].since > before.since


async def test_the_others_stay_when_one_dies(home: Home, supervise: Make) -> None:
    """A death is nobody else's business."""
    supervisor = supervise(command(home, "intake", SLEEP), command(home, "tutors", SLEEP))
    await supervisor.start()
    intake, tutors = supervisor.snapshot()
    os.kill(intake.pid or 0, signal.SIGKILL)
    await eventually(lambda: supervisor.snapshot()[0].restarts == 1)
    assert supervisor.snapshot()[1] == tutors


async def test_a_process_that_keeps_dying_is_restarted_ever_more_rarely(home: Home, supervise: Make) -> None:
    """Restarts back off, so that a broken service does not take the machine."""
    changes: list[tuple[str, float]] = []
    broken = home.root / "broken"
    supervisor = supervise(
        command(home, "intake", f"import os, time\nif os.path.exists({str(broken)!r}): raise SystemExit(3)\ntime.sleep(60)"),
        patience=Patience(first=0.1),
        progress=lambda _name, state: changes.append((state, time.monotonic())),
    )
    await supervisor.start()
    broken.touch()
    os.kill(supervisor.snapshot()[0].pid or 0, signal.SIGKILL)
    await eventually(lambda: supervisor.snapshot()[0].restarts == 4, seconds=20)
    waits = [later - earlier for (state, earlier), (_, later) in pairwise(changes) if state == State.BACKING_OFF]
    assert all(wait >= 0.1 * 2**number for number, wait in enumerate(waits))
    assert len(waits) >= 3


@pytest.mark.parametrize(("deaths", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (500, 30.0)])
def test_the_wait_doubles_up_to_its_limit(deaths: int, seconds: float) -> None:
    """Half a second first, half a minute at most."""
    assert Patience().delay(deaths) == seconds


async def test_a_time_of_health_forgives_earlier_deaths(home: Home, supervise: Make) -> None:
    """A process that ran well for long is restarted at once when it dies, whatever happened before."""
    supervisor = supervise(command(home, "intake", SLEEP), patience=Patience(first=0.2, limit=60, healthy_after=0.3, ready=5, grace=2))
    await supervisor.start()
    for round_ in range(1, 6):
        await asyncio.sleep(0.35)
        os.kill(supervisor.snapshot()[0].pid or 0, signal.SIGKILL)
        await started_again(supervisor, round_)


async def test_starting_waits_until_every_probe_says_ready(home: Home, supervise: Make) -> None:
    """`start` returns when all serve, not when all run; a probe that raises is a probe that says no."""
    asked = 0

    async def ready() -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ConnectionRefusedError
        return asked > 3

    supervisor = supervise(command(home, "intake", SLEEP, ready=ready))
    await supervisor.start()
    assert asked == 4
    assert supervisor.snapshot()[0].state is State.RUNNING


async def test_a_process_that_never_gets_ready_fails_the_start_with_its_log(home: Home, supervise: Make) -> None:
    """A person reads why, and nothing stays running."""

    async def never() -> bool:
        return False

    program = "print('no such database'); raise SystemExit(1)"
    supervisor = supervise(command(home, "intake", SLEEP), command(home, "broken", program, ready=never))
    with pytest.raises(SupervisionError, match=r"broken did not become ready.*\n.*no such database"):
        await supervisor.start()
    assert [status.state for status in supervisor.snapshot()] == [State.STOPPED, State.STOPPED]
    assert [status.pid for status in supervisor.snapshot()] == [None, None]


async def test_a_program_that_does_not_exist_fails_the_start(home: Home, supervise: Make) -> None:
    """The reason is in its log like any other."""
    with pytest.raises(SupervisionError, match="cannot be started"):
        await supervise(Command("ghost", [str(home.root / "ghost")], {}, home.logs / "ghost.log")).start()


async def test_processes_end_in_reverse_order(home: Home, supervise: Make) -> None:
    """Who was started last, and may lean on the others, ends first."""
    order = home.root / "order"
    names = ["intake", "pathways", "reporting"]
    supervisor = supervise(*(command(home, name, SAYS_WHEN_IT_ENDS, str(order), name) for name in names))
    await supervisor.start()
    await eventually(lambda: all((home.root / f"order.{name}").exists() for name in names))
    await supervisor.stop()
    assert order.read_text().split() == names[::-1]


async def test_a_process_that_does_not_listen_is_killed_after_the_grace_period(home: Home, supervise: Make) -> None:
    """Stopping always ends."""
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    supervisor = supervise(command(home, "stubborn", stubborn), patience=Patience(grace=0.3))
    await supervisor.start()
    pid = supervisor.snapshot()[0].pid or 0
    await asyncio.sleep(0.3)
    await supervisor.stop()
    assert not psutil.pid_exists(pid)


async def test_another_process_reads_the_snapshot_while_the_supervisor_runs(home: Home, supervise: Make) -> None:
    """`ancora status` sees what `ancora up` keeps; a snapshot of a supervisor that is gone is no snapshot."""
    supervisor = supervise(command(home, "intake", SLEEP))
    await supervisor.start()
    assert read_snapshot(home) == supervisor.snapshot()
    await supervisor.stop()
    assert read_snapshot(home) == []
    assert supervisor_pid_file(home).process() is None


async def test_what_a_crashed_supervisor_left_is_ended_by_the_next(home: Home, supervise: Make) -> None:
    """Leftovers are found by pid file, also those the new supervisor does not know by name."""
    supervisor = supervise(command(home, "left", SLEEP))
    await supervisor.start()
    left = supervisor.snapshot()[0].pid or 0
    for task in supervisor._tasks:  # what a crash is: nobody looks after the process any more
        task.cancel()
    await supervise(command(home, "intake", SLEEP)).start()
    assert not psutil.pid_exists(left)


async def test_the_log_of_a_process_that_says_much_begins_anew_and_goes_on(home: Home) -> None:
    """A machine that runs for months has a full disk otherwise; the process knows nothing of it."""
    talks = "import itertools, time\nfor n in itertools.count():\n    print(n, flush=True)\n    n % 50 or time.sleep(0.01)"
    log, earlier = home.logs / "talker.log", home.logs / "talker.log.1"
    supervisor = Supervisor(home, [command(home, "talker", talks)], patience=dataclasses.replace(QUICK, logs=0.05), largest_log=4096)
    await supervisor.start()
    try:
        await eventually(lambda: earlier.exists() and not earlier.read_text().startswith("0\n"))
        moved = earlier.stat().st_mtime_ns
        await eventually(lambda: earlier.stat().st_mtime_ns > moved and log.stat().st_size > 0)
    finally:
        await supervisor.stop()
    assert "\0" not in log.read_text(), "it goes on at its new end, and leaves no hole where it was"


def test_a_log_that_has_grown_too_large_begins_anew_and_one_earlier_part_is_kept(tmp_path: Path) -> None:
    """What is smaller stays as it is."""
    log, earlier = tmp_path / "intake.log", tmp_path / "intake.log.1"
    bound(log, 3)
    assert not log.exists()
    for content in (b"old", b"long", b"longer"):
        log.write_bytes(content)
        bound(log, 3)
    assert (log.read_bytes(), earlier.read_bytes()) == (b"", b"longer")
    log.write_bytes(b"new")
    bound(log, 3)
    assert (log.read_bytes(), earlier.read_bytes()) == (b"new", b"longer")
