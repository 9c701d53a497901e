"""The `ancora` file at the root, run in a folder of its own with a hand-written stand-in for uv that tells what it was asked."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.paths import CHECKOUT

TOOLS = ("cat", "dirname", "grep", "mkdir", "readlink", "rm", "sh", "sha256sum", "sleep")
# Makes what uv would make, slowly, and writes down each call.
UV = """#!/bin/sh
echo "$*" >>"$UV_CALLS"
case "$1 $2" in
    "venv --quiet")
        sleep 0.3
        for venv; do :; done
        mkdir -p "$venv/bin"
        echo "VIRTUAL_ENV=$venv" >"$venv/bin/activate"
        printf '#!/bin/sh\\n' >"$venv/bin/python"
        /bin/chmod +x "$venv/bin/python"
        ;;
    "pip install")
        test -z "$UV_FAILS" || exit 1
        for checkout; do :; done
        printf '#!/bin/sh\\necho "ran with: $*"; exit 7\\n' >"$checkout/.venv/bin/ancora"
        /bin/chmod +x "$checkout/.venv/bin/ancora"
        ;;
esac
"""


@dataclass
class Checkout:
    """A folder with the wrapper, a lock, a project file, and a PATH of which the test knows every program."""

    root: Path
    tools: Path
    calls: Path

    def start(self, *arguments: str, program: Path | None = None, **environment: str) -> subprocess.Popen[str]:
        """Start the wrapper, by default by its own path."""
        return subprocess.Popen(
            [str(program or self.root / "ancora"), *arguments],
            env={"PATH": str(self.tools), "UV_CALLS": str(self.calls), "UV_FAILS": ""} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, program: Path | None = None, **environment: str) -> tuple[int, str, str]:
        """Run the wrapper to its end: exit code, output, errors."""
        with self.start(*arguments, program=program, **environment) as process:
            output, errors = process.communicate(timeout=30)
        return process.returncode, output, errors

    def syncs(self) -> int:
        """Count how often the lock was installed."""
        return sum(call.startswith("pip sync") for call in self.calls.read_text().splitlines())

    def tool(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        path = self.tools / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh clone."""
    root, tools = tmp_path / "clone here", tmp_path / "tools"
    root.mkdir()
    tools.mkdir()
    shutil.copy2(CHECKOUT / "ancora", root / "ancora")
    (root / "requirements.lock").write_text("a==1\n")
    (root / "pyproject.toml").write_text("[project]\n")
    made = Checkout(root, tools, tmp_path / "calls")
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name) or name)
    made.tool("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    made.tool("uv", UV)
    return made


def test_the_first_call_installs_with_hashes_and_hands_over(checkout: Checkout) -> None:
    """Arguments and exit code pass through untouched."""
    code, output, errors = checkout.run("up", "--persons", "two words")
    assert (code, output) == (7, "ran with: up --persons two words\n")
    assert "installing" in errors
    calls = checkout.calls.read_text()
    assert "pip sync --quiet --python" in calls
    assert "--require-hashes" in calls
    assert "--no-deps --no-build-isolation --editable" in calls


def test_later_calls_install_nothing_and_say_nothing(checkout: Checkout) -> None:
    """Quiet where there is nothing to do, whatever folder or link it is called from."""
    checkout.run()
    link = checkout.root.parent / "link"
    link.symlink_to("clone here/ancora")
    assert checkout.run("status") == (7, "ran with: status\n", "")
    assert checkout.run("status", program=link) == (7, "ran with: status\n", "")
    assert checkout.syncs() == 1


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_file_installs_again(checkout: Checkout, name: str) -> None:
    """After a pull the environment follows by itself, in the environment that is there."""
    checkout.run()
    with (checkout.root / name).open("a") as file:
        file.write("# changed\n")
    checkout.run()
    assert checkout.syncs() == 2
    assert checkout.calls.read_text().count("venv --quiet") == 1


def test_a_moved_checkout_gets_a_new_environment(checkout: Checkout) -> None:
    """An environment holds absolute paths, so one that was moved would run the old place's code."""
    checkout.run()
    checkout.root = checkout.root.rename(checkout.root.parent / "moved")
    assert checkout.run()[0] == 7
    assert f"{checkout.root}/.venv" in checkout.calls.read_text()


def test_an_installation_that_failed_is_done_again(checkout: Checkout) -> None:
    """Half an environment is never taken for a whole one."""
    assert checkout.run(UV_FAILS="yes")[0] == 1
    assert checkout.run()[0] == 7
    assert checkout.syncs() == 2


def test_two_calls_at_once_install_once(checkout: Checkout) -> None:
    """They wait for each other, and both go on."""
    both = [checkout.start(str(number)) for number in range(2)]
    outputs = [process.communicate(timeout=30)[0] for process in both]
    assert outputs == ["ran with: 0\n", "ran with: 1\n"]
    assert checkout.syncs() == 1


def test_too_old_a_python_is_refused_with_what_to_do(checkout: Checkout) -> None:
    """A person reads which Python is needed and how Debian gives it."""
    checkout.tool("python3", '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    code, _, errors = checkout.run()
    assert code == 1
    assert "needs Python 3.11 or newer, and found Python 3.9.2" in errors


def test_a_python_without_venv_and_pip_is_refused_with_what_to_do(checkout: Checkout) -> None:
    """Where uv is missing and cannot be fetched, the message names the package."""
    (checkout.tools / "uv").unlink()
    checkout.tool("python3", f'#!/bin/sh\n[ "$1" = -m ] && exit 1\nexec {sys.executable} "$@"\n')
    code, _, errors = checkout.run()
    assert code == 1
    assert "apt-get install python3-venv" in errors


def test_the_wrapper_is_executable() -> None:
    """The README says `./ancora`."""
    assert os.access(CHECKOUT / "ancora", os.X_OK)
