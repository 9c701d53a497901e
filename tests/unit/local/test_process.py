import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.process import Launch, PidFile, end, last_lines, plain_environment, start

STUBBORN = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that is none of ours."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def launch(tmp_path: Path, *argv: str) -> Launch:
    """Describe a process that logs into the test's folder."""
    return Launch(argv, plain_environment(), tmp_path, tmp_path / "log")


def written(log: Path) -> str:
    """Give a log's text as soon as it has one."""
    for _ in range(100):
        if log.exists() and log.read_text():
            return log.read_text()
        time.sleep(0.05)
    pytest.fail(f"nothing was written to {log}")


def test_a_started_process_is_found_by_its_pid_file_and_ended(tmp_path: Path) -> None:
    """A later command finds and ends what an earlier one left."""
    pid_file = PidFile(tmp_path / "pid")
    start(launch(tmp_path, "sleep", "60"), pid_file)
    found = PidFile(tmp_path / "pid").process()
    assert found is not None
    end([found], signal.SIGTERM, 5)
    assert pid_file.process() is None


def test_a_stranger_with_the_remembered_pid_is_not_taken_for_ours(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    """A recycled pid never leads to another's process being ended."""
    started = psutil.Process(sleeper.pid).create_time()
    (tmp_path / "pid").write_text(json.dumps({"pid": sleeper.pid, "started": started - 3600}))
    assert PidFile(tmp_path / "pid").process() is None
    (tmp_path / "pid").write_text(json.dumps({"pid": sleeper.pid, "started": started}))
    assert PidFile(tmp_path / "pid").process() is not None


@pytest.mark.parametrize("content", ["", "12", "{", '{"pid": 1}', '{"pid": "x", "started": 1}', '{"pid": 4194400, "started": 1}'])
def test_a_damaged_pid_file_names_nobody(tmp_path: Path, content: str) -> None:
    """Half a file is as good as none."""
    (tmp_path / "pid").write_text(content)
    assert PidFile(tmp_path / "pid").process() is None


def test_a_process_that_ended_but_was_not_waited_for_does_not_run(tmp_path: Path) -> None:
    """A zombie holds no port and no data."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    pid_file = PidFile(tmp_path / "pid")
    pid_file.write(process.pid)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert pid_file.process() is None
    process.wait()


def test_a_process_that_ignores_the_signal_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    """Stopping always ends."""
    process = start(launch(tmp_path, sys.executable, "-c", STUBBORN), PidFile(tmp_path / "pid"))
    written(tmp_path / "log")
    began = time.monotonic()
    end([psutil.Process(process.pid)], signal.SIGTERM, grace=0.5)
    assert not psutil.pid_exists(process.pid)
    assert 0.4 < time.monotonic() - began < 5


def test_children_are_ended_too(tmp_path: Path) -> None:
    """Nothing that a process started stays behind."""
    process = start(launch(tmp_path, sys.executable, "-c", PARENT), PidFile(tmp_path / "pid"))
    child = psutil.Process(int(written(tmp_path / "log")))
    end([psutil.Process(process.pid)], signal.SIGTERM, grace=0.5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_callers_environment_does_not_leak_into_a_server(tmp_path: Path) -> None:
    """A JAVA_TOOL_OPTIONS or PGDATA of the caller changes nothing."""
    process = start(launch(tmp_path, "env"), PidFile(tmp_path / "pid"))
    process.wait()
    assert {line.split("=")[0] for line in written(tmp_path / "log").splitlines()} <= {"PATH", "LANG", "TZ"}


def test_the_end_of_a_log_is_shown(tmp_path: Path) -> None:
    """A person sees why a part did not start, and not thousands of lines."""
    (tmp_path / "log").write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert last_lines(tmp_path / "log", 2) == "line 9998\nline 9999"
    assert last_lines(tmp_path / "none") == ""
