"""Servers that speak TLS only, as an operator's do: the embedded PostgreSQL and Kafka, set so by the test."""

from __future__ import annotations

import asyncio
import ssl
import struct
import subprocess
import tempfile
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from deploy.local import kafka as embedded
from deploy.local.kafka import KafkaNode
from deploy.local.paths import Home
from deploy.local.ports import LOOPBACK, PortBook
from tests.support.own_server import own_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HOST, USER, PASSWORD = "localhost", "ancora", "a password of tests"

_JARS = Path(__file__).parents[2].resolve() / "build" / "test-stack" / "jars"
"""Of the tests' own stack: fetching them takes longer than all tests here."""
_LISTENER = "kafka-encrypted"
_ASKS_FOR_TLS, _ASKS_FOR_KERBEROS = struct.pack(">ii", 8, 80877103), struct.pack(">ii", 8, 80877104)
_TOLD = b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for this host, no encryption\0\0"
_REFUSED = b"E" + struct.pack(">i", len(_TOLD) + 4) + _TOLD
"""What PostgreSQL answers to whoever begins without TLS, where its rules are all `hostssl`."""


@asynccontextmanager
async def encrypted_postgres(certificate: Path, key: Path) -> AsyncIterator[tuple[str, str, int]]:
    """Give the superuser's name and password, and the port, of a server that lets nobody in without TLS.

    The packaged server is built without it, so that TLS ends before it, as it does at a pooler.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with own_server() as behind:
        parts = urlsplit(behind.admin_dsn)
        served = partial(_serve, context, int(parts.port or 0))
        async with await asyncio.start_server(served, LOOPBACK) as front:
            yield str(parts.username), str(parts.password), front.sockets[0].getsockname()[1]


async def _serve(context: ssl.SSLContext, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do what a server does before a connection begins, then hand on what is said in both directions."""
    with suppress(OSError, asyncio.IncompleteReadError), closing(writer):
        while (asked := await reader.readexactly(8)) == _ASKS_FOR_KERBEROS:
            writer.write(b"N")
        if asked != _ASKS_FOR_TLS:
            writer.write(_REFUSED)
            await writer.drain()
            return
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(context)
        behind, to_behind = await asyncio.open_connection(LOOPBACK, port)
        with closing(to_behind):
            await asyncio.wait(
                [asyncio.create_task(_hand_on(reader, to_behind)), asyncio.create_task(_hand_on(behind, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )


async def _hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await source.read(1 << 16):
            target.write(said)
            await target.drain()


@dataclass(frozen=True)
class EncryptedNode(KafkaNode):
    """A broker that has, beside the listener by which it is started, one for TLS with certificates of both sides and a login."""

    keystore: Path | None = None
    truststore: Path | None = None

    def _write_settings(self, port: int, controller_port: int) -> Path:
        path = super()._write_settings(port, controller_port)
        encrypted = self.ports.port_for(_LISTENER)
        said = dict(line.split("=", 1) for line in path.read_text().splitlines())
        said["listener.security.protocol.map"] += ",ENCRYPTED:SASL_SSL"
        said["listeners"] += f",ENCRYPTED://{LOOPBACK}:{encrypted}"
        said["advertised.listeners"] += f",ENCRYPTED://{HOST}:{encrypted}"
        said |= {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.keystore),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.truststore),
            "listener.name.encrypted.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.encrypted.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        }
        path.write_text("".join(f"{name}={value}\n" for name, value in said.items()))
        return path

    def _format(self, folder: Path, properties: Path) -> None:
        tool = [*embedded._java(folder, self._temporary()), "kafka.tools.StorageTool", "format", "--cluster-id=YW5jb3JhLWVuY3J5cHRlZA"]
        user = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
        done = subprocess.run(
            [*tool, "-c", str(properties), "--add-scram", user], env=embedded._environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def _laid_out(home: Home, certificate: Path, key: Path) -> Path:
    """Put into the data folder what the broker needs; return its keystore."""
    home.prepare()
    Home(_JARS.parent).prepare()
    home.jars.rmdir()
    home.jars.symlink_to(_JARS)
    keystore = home.secrets / "keystore.pem"
    keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
    return keystore


@asynccontextmanager
async def encrypted_kafka(certificate: Path, key: Path, ca: Path) -> AsyncIterator[int]:
    """Give the port on which a broker of the test's own speaks TLS."""
    with tempfile.TemporaryDirectory(prefix="ancora-test-") as folder:
        home = Home(Path(folder) / "home")
        keystore = _laid_out(home, certificate, key)
        node = EncryptedNode(home, PortBook(home.root / "ports.json"), keystore=keystore, truststore=ca)
        await node.start(lambda _state: None)
        try:
            port = node.ports.known(_LISTENER)
            assert port is not None
            yield port
        finally:
            node.stop()
