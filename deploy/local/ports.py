"""Which port each part listens on: free ones by default, the same at every start, overridable by the environment."""

import json
import os
import socket
import zlib
from collections.abc import Mapping
from pathlib import Path

from deploy.local.paths import read_json, write_whole

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel takes the source ports of outgoing connections, so that none of those is in the way.
_FIRST, _COUNT = 20_000, 10_000


class PortTakenError(Exception):
    """A port that was asked for is in use, or no free one was found."""


def is_free(port: int) -> bool:
    """Tell whether nothing listens on this loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class PortBook:
    """Name → port for one data folder, kept in a file in it.

    `ANCORA_<NAME>_PORT` (dashes as underscores) overrides a name's port and is not remembered.
    """

    def __init__(self, file: Path, environment: Mapping[str, str] = os.environ) -> None:
        """Use the book in `file`, which need not exist yet."""
        self._file = file
        self._environment = environment

    def port_for(self, name: str) -> int:
        """Give a port on which `name` can start listening now; raises PortTakenError.

        The remembered port is given again where it is free, else another is chosen and remembered.
        """
        asked = self._override(name)
        if asked is not None:
            if not is_free(asked):
                message = f"port {asked}, asked for by {_variable(name)}, is in use"
                raise PortTakenError(message)
            return asked
        remembered = self._read()
        port = remembered.get(name)
        if port is None or not is_free(port):
            port = self._choose(name, taken=set(remembered.values()))
            write_whole(self._file, json.dumps(remembered | {name: port}, indent=1), mode=0o644)
        return port

    def known(self, name: str) -> int | None:
        """Give the port that `name` was last given, whether or not it listens; None if it never was."""
        return self._override(name) or self._read().get(name)

    def _override(self, name: str) -> int | None:
        text = self._environment.get(_variable(name), "")
        if not text:
            return None
        if not text.isdecimal() or not 0 < int(text) < 1 << 16:
            message = f"{_variable(name)} must be a port number from 1 to 65535, not {text!r}"
            raise PortTakenError(message)
        return int(text)

    def _choose(self, name: str, taken: set[int]) -> int:
        # Each folder begins elsewhere, so that two that start together do not choose the same.
        start = zlib.crc32(f"{self._file.resolve()}:{name}".encode())
        for step in range(_COUNT):
            port = _FIRST + (start + step) % _COUNT
            if port not in taken and is_free(port):
                return port
        message = f"no free port from {_FIRST} to {_FIRST + _COUNT - 1}"
        raise PortTakenError(message)

    def _read(self) -> dict[str, int]:
        content = read_json(self._file)
        return {str(name): int(port) for name, port in content.items()} if isinstance(content, dict) else {}


def _variable(name: str) -> str:
    return f"ANCORA_{name.upper().replace('-', '_')}_PORT"
