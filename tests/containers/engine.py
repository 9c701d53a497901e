"""A container engine of the tests' own: Debian's, started by hand beside no other, ended by its pid; leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import psutil
from docker.errors import DockerException

from deploy.local.process import end, last_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a bare machine may lack: the engine, what makes a base image of Debian packages, what removes a bridge.
_PROGRAMS = {"dockerd": "docker.io", "mmdebstrap": "mmdebstrap", "ip": "iproute2"}
_BRIDGE, _BRIDGE_ADDRESS, _NETWORKS = "docker0", "172.29.77.1/24", "base=172.29.78.0/23,size=26"
_START_S = 60
_GRACE_S = 30.0


class EngineError(Exception):
    """The engine could not be had; the text says why."""


def install() -> None:
    """Install what is missing, from Debian."""
    missing = sorted({package for program, package in _PROGRAMS.items() if shutil.which(program) is None})
    if find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not missing:
        return
    if os.geteuid() != 0:
        raise EngineError(f"{', '.join(missing)} must be installed, which root may do")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", *words], env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)


@contextmanager
def private_engine(data: Path) -> Iterator[str]:
    """Give the address of an engine whose images and containers are in `data`; it and all it made are gone afterwards."""
    if os.geteuid() != 0:
        raise EngineError("a container engine of the tests' own is started by root only")
    had_bridge = _bridge_exists()
    # Sockets lie in a short path, for theirs may not exceed 107 bytes.
    with tempfile.TemporaryDirectory(prefix="ancora-engine-", ignore_cleanup_errors=True) as runtime:
        room = Path(runtime)
        address = f"unix://{room}/docker.sock"
        log = data.with_suffix(".log")
        with log.open("wb") as sink:
            process = subprocess.Popen(_argv(room, data), stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            _await(process, address, log)
            yield address
        finally:
            _remove_all(address)
            end([psutil.Process(process.pid)], signal.SIGTERM, _GRACE_S)
            _unmount_below(data, room)
            shutil.rmtree(data, ignore_errors=True)
            if not had_bridge and _bridge_exists():
                subprocess.run(["ip", "link", "delete", _BRIDGE], check=False)


def _argv(room: Path, data: Path) -> list[str]:
    return [
        "dockerd",
        f"--data-root={data}",
        f"--exec-root={room}/exec",
        f"--pidfile={room}/pid",
        f"--host=unix://{room}/docker.sock",
        f"--bip={_BRIDGE_ADDRESS}",
        f"--default-address-pool={_NETWORKS}",
        # Nothing in a container needs a way out, and the machine's packet filter stays as it is.
        "--iptables=false",
        "--ip6tables=false",
        "--ip-masq=false",
    ]


def _await(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not _answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            raise EngineError(f"the container engine did not start; the end of its log:\n{last_lines(log)}")
        time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        engine = docker.DockerClient(base_url=address, timeout=5)
        engine.close()
    except DockerException:
        return False
    return True


def _remove_all(address: str) -> None:
    """Remove containers and networks, which outlive their engine as processes and bridges of the machine."""
    try:
        engine = docker.DockerClient(base_url=address, timeout=60)
        for container in engine.containers.list(all=True):
            container.remove(force=True, v=True)
        engine.networks.prune()
        engine.close()
    except DockerException:
        # It did not start, or died: what it ran are its descendants, which are ended with it.
        return


def _unmount_below(*folders: Path) -> None:
    """Unmount what a killed engine left mounted, innermost first."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    for place in reversed(places):
        if any(place.startswith(f"{folder}/") for folder in folders):
            subprocess.run(["umount", "--lazy", place], check=False)


def _bridge_exists() -> bool:
    return Path("/sys/class/net", _BRIDGE).exists()
