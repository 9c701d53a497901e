"""A container engine of the tests' own: Debian's, on a bridge of its own, ended by its pid; what a killed one left is removed."""

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

from deploy.local.process import PidFile, end, last_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a bare machine may lack: the engine, what makes a base image of Debian packages, what removes a bridge.
_PROGRAMS = {"dockerd": "docker.io", "mmdebstrap": "mmdebstrap", "ip": "iproute2"}
_ROOM = "ancora-engine-"
"""What an engine's folder in the temporary folder begins with; eight letters follow, which its bridge has too."""
_ADDRESSES, _NETWORKS = [f"172.29.{third}.1" for third in range(64, 128)], "base=172.29.128.0/20,size=26"
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
    _remove_leftovers()
    # Sockets lie in a short path, for theirs may not exceed 107 bytes.
    room = Path(tempfile.mkdtemp(prefix=_ROOM))
    (room / "data").symlink_to(data)
    _owner(room).write(os.getpid())
    try:
        _make_bridge(_bridge(room))
        address = _address(room)
        log = data.with_suffix(".log")
        with log.open("wb") as sink:
            process = subprocess.Popen(_argv(room, data), stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, start_new_session=True)
        _await(process, address, log)
        yield address
    finally:
        _remove(room)


def _argv(room: Path, data: Path) -> list[str]:
    return [
        "dockerd",
        f"--data-root={data}",
        f"--exec-root={room}/exec",
        f"--pidfile={room}/pid",
        f"--host={_address(room)}",
        f"--bridge={_bridge(room)}",
        f"--default-address-pool={_NETWORKS}",
        # Nothing in a container needs a way out, and the machine's packet filter stays as it is.
        "--iptables=false",
        "--ip6tables=false",
        "--ip-masq=false",
    ]


def _address(room: Path) -> str:
    return f"unix://{room}/docker.sock"


def _bridge(room: Path) -> str:
    return f"ancora-{room.name.removeprefix(_ROOM)}"


def _owner(room: Path) -> PidFile:
    return PidFile(room / "owner.json")


def _make_bridge(name: str) -> None:
    """Make a bridge with an address that no other has: two containers of one address answer for each other."""
    taken = {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
    free = next(address for address in _ADDRESSES if address not in taken)
    for words in (["link", "add", name, "type", "bridge"], ["address", "add", f"{free}/24", "dev", name], ["link", "set", name, "up"]):
        subprocess.run(["ip", *words], check=True)


def _remove_leftovers() -> None:
    """Remove what engines left whose owners were killed: processes, mounts, namespaces of networks, bridges, data."""
    for room in Path(tempfile.gettempdir()).glob(f"{_ROOM}*"):
        if _owner(room).path.exists() and _owner(room).process() is None:
            _remove(room)


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


def _remove(room: Path) -> None:
    """Remove what an engine made, end it and its helpers, and remove what they held and kept."""
    _remove_containers(_address(room))
    end([process for process in psutil.process_iter() if _names(process, room)], signal.SIGTERM, _GRACE_S)
    data = (room / "data").readlink()
    _unmount_below(data, room)
    shutil.rmtree(data, ignore_errors=True)
    subprocess.run(["ip", "link", "delete", _bridge(room)], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(room, ignore_errors=True)


def _remove_containers(address: str) -> None:
    """Remove containers and their networks, whose bridges outlive an engine."""
    try:
        engine = docker.DockerClient(base_url=address, timeout=60)
        for container in engine.containers.list(all=True):
            container.remove(force=True, v=True)
        engine.networks.prune()
        engine.close()
    except DockerException:
        # It did not start, or died: what it ran are its helpers' descendants, which are ended with them.
        return


def _names(process: psutil.Process, room: Path) -> bool:
    """Tell whether the engine is meant, or one of its helpers: each has its folder among its arguments."""
    try:
        return any(str(room) in argument for argument in process.cmdline())
    except psutil.Error:
        return False


def _unmount_below(*folders: Path) -> None:
    """Unmount what a killed engine left mounted, innermost first."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    for place in reversed(places):
        if any(place.startswith(f"{folder}/") for folder in folders):
            subprocess.run(["umount", "--lazy", place], check=False)
