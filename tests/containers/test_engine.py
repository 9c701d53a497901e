"""An engine of the tests' own leaves a machine as it was, also where whoever started it was killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from deploy.local.paths import CHECKOUT
from deploy.local.process import wait_until_ended
from tests.containers.engine import private_engine

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("dockerd") is None, reason="a container engine is started by root, where Debian's is installed"
)
_STARTED_AND_HELD = """
import sys
from dataclasses import dataclass
from pathlib import Path
from tests.containers.engine import private_engine
with private_engine(Path(sys.argv[1])) as address:
    print(address, flush=True)
    sys.stdin.read()
"""


def test_what_an_engine_left_whose_owner_was_killed_is_removed_by_the_next(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _STARTED_AND_HELD, str(tmp_path / "killed")]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        killed = _engine_at(owner.stdout.readline())
        owner.kill()
    assert killed.runs
    with private_engine(tmp_path / "next") as address:
        assert not killed.runs
        assert not killed.room.exists()
        assert killed.bridge not in psutil.net_if_addrs()
        following = _engine_at(address)
    assert not following.runs
    assert following.bridge not in psutil.net_if_addrs()


def test_an_engine_that_runs_is_left_alone_by_another_on_other_addresses(tmp_path: Path) -> None:
    with private_engine(tmp_path / "one") as one, private_engine(tmp_path / "two") as two:
        engines = _engine_at(one), _engine_at(two)
        assert all(engine.runs for engine in engines)
        addresses = {psutil.net_if_addrs()[engine.bridge][0].address for engine in engines}
    assert len(addresses) == len(engines)


@dataclass(frozen=True)
class _Engine:
    """What can be seen of an engine from outside."""

    room: Path
    process: psutil.Process
    bridge: str

    @property
    def runs(self) -> bool:
        return wait_until_ended([self.process], patience=0) != []


def _engine_at(address: str) -> _Engine:
    room = Path(address.strip().removeprefix("unix://")).parent
    (bridge,) = (name for name in psutil.net_if_addrs() if name.startswith("ancora-") and room.name.endswith(name.removeprefix("ancora-")))
    return _Engine(room, psutil.Process(int((room / "pid").read_text(encoding="ascii"))), bridge)
