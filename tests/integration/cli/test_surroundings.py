"""What the command does where things are not as they should be: leftovers of a crash, half-given addresses, nothing started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

from deploy.local.paths import Home
from deploy.local.process import Launch, PidFile, start

if TYPE_CHECKING:
    from tests.support.stack import RealParts

ROOT = Path(__file__).parents[3]


def ancora(home: Home, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
    given = {"ANCORA_HOME": str(home.root)} | environment
    argv = [sys.executable, "-m", "services.cli.main", *words]
    return subprocess.run(argv, cwd=ROOT, env=kept | given, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give a data folder in which nothing was ever started."""
    folder = Home(tmp_path / "home")
    folder.prepare()
    return folder


def test_down_ends_the_services_that_a_killed_supervisor_left(home: Home) -> None:
    """They are found by their pid files, though nobody supervises them any more."""
    pid_file = PidFile(home.run / "service-intake.pid")
    left = start(Launch(["sleep", "600"], {}, home.root, home.logs / "intake.log"), pid_file)
    try:
        done = ancora(home, "down")
        assert (done.returncode, left.wait(5)) == (0, -signal.SIGTERM), done.stderr
        assert not pid_file.path.exists()
    finally:
        left.kill()


@pytest.mark.parametrize("words", [["status"], ["verify", "--json"], ["republish", "intake"], ["rebuild", "activity"], ["demo"]])
def test_where_nothing_runs_the_text_says_how_to_start(home: Home, words: list[str]) -> None:
    """Exit code 1, nothing on standard output that a program could take for a report."""
    done = ancora(home, *words)
    assert (done.returncode, done.stdout, "./ancora up" in done.stderr) == (1, "", True)


@pytest.mark.parametrize("words", [["up", "--no-demo"], ["up", "--no-demo", "--detach"], ["status"]])
def test_half_given_addresses_are_refused_with_what_is_missing(home: Home, words: list[str]) -> None:
    """Given servers and embedded ones are never mixed."""
    done = ancora(home, *words, ANCORA_KAFKA="127.0.0.1:9092")
    said = done.stdout + done.stderr
    assert (done.returncode, "missing: ANCORA_POSTGRES, ANCORA_ISSUER" in said, "Traceback" in said) == (1, True, False)


@pytest.mark.parametrize("words", [["up", "--no-demo"], ["verify"]])
def test_a_wrong_password_is_told_as_that_and_at_once(home: Home, real_parts: RealParts, words: list[str]) -> None:
    """Not as a server that does not answer, for which one would wait; and without the address."""
    given = urlsplit(real_parts.postgres)
    address = urlunsplit(given._replace(netloc=f"{given.username}:canary@{given.netloc.rpartition('@')[2]}"))
    done = ancora(home, *words, ANCORA_POSTGRES=address, ANCORA_KAFKA=real_parts.kafka, ANCORA_ISSUER="https://issuer.example")
    said = done.stdout + done.stderr
    assert (done.returncode, "refuses the name or the password" in said) == (1, True), said
    assert "canary" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("ANCORA_POSTGRES", "postgresql://me:canary@db.example/postgres"),
        ("ANCORA_KAFKA", "kafka.example:9092"),
        ("ANCORA_ISSUER", "http://x.example"),
    ],
)
def test_addresses_of_other_machines_in_plain_text_are_refused_in_words(home: Home, variable: str, address: str) -> None:
    """Before anything is connected."""
    right = {"ANCORA_POSTGRES": "postgresql://me:canary@127.0.0.1:1/x", "ANCORA_KAFKA": "127.0.0.1:1", "ANCORA_ISSUER": "https://x.example"}
    done = ancora(home, "status", **(right | {variable: address}))
    said = done.stdout + done.stderr
    assert (done.returncode, "plain text" in said or "https://" in said, "canary" in said, "Traceback" in said) == (
        1,
        True,
        False,
        False,
    ), said


def test_a_folder_that_is_something_else_is_never_reset(tmp_path: Path) -> None:
    """A wrong ANCORA_HOME costs nobody their files."""
    letter = tmp_path / "letter.txt"
    letter.write_text("dear")
    (tmp_path / "run").mkdir()
    done = ancora(Home(tmp_path), "up", "--reset", "--no-demo")
    assert (done.returncode, "Traceback" in done.stderr, letter.read_text()) == (1, False, "dear")
