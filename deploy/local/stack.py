"""The embedded stack as a whole: Kafka and PostgreSQL of one data folder, started together, ended in order.

`python -m deploy.local.stack --home DIR up|down|reset|addresses` does it from a shell; `up` leaves both running.
"""

import argparse
import asyncio
import dataclasses
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.jars import JarError
from deploy.local.kafka import KafkaError, KafkaNode
from deploy.local.paths import Home, HomeBusyError, NotOurFolderError, default_home
from deploy.local.ports import LOOPBACK, PortBook, PortTakenError
from deploy.local.postgres import SUPERUSER, PostgresError, PostgresServer

Progress = Callable[[str, str], None]
"""Told as a part changes its state: (part, state), such as ("kafka", "ready")."""

STACK_ERRORS = (JarError, KafkaError, PostgresError, PortTakenError, NotOurFolderError, HomeBusyError)
"""What `EmbeddedStack` raises for a person to read: each message says what to do or shows the part's log."""


_LOOK_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 30.0


def _silent(_part: str, _state: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Addresses:
    """Where the running parts are, and the superuser who may create databases and roles."""

    kafka: str
    postgres_host: str
    postgres_port: int
    superuser: str
    password: str = dataclasses.field(repr=False)

    def dsn(self, database: str = "postgres") -> str:
        """Give the superuser's connection string for a database."""
        return f"postgresql://{self.superuser}:{self.password}@{self.postgres_host}:{self.postgres_port}/{database}"


class EmbeddedStack:
    """Kafka and PostgreSQL of one data folder.

    The parts run in sessions of their own and outlive the caller unless `stop` is called, from whichever process.
    """

    def __init__(self, home: Home) -> None:
        """Use this data folder, which need not exist yet."""
        self._home = home
        ports = PortBook(home.root / "ports.json")
        self._kafka = KafkaNode(home, ports)
        self._postgres = PostgresServer(home, ports)

    async def start(self, progress: Progress = _silent) -> Addresses:
        """End what an earlier run left, start both parts concurrently, give their addresses when both answer.

        Raises one of STACK_ERRORS, after ending whatever it had started.
        """
        self._home.prepare()
        async with self._home.lock():
            return await self._start(progress)

    async def ensure(self, progress: Progress = _silent) -> Addresses:
        """Give the addresses of the parts that run; where they do not both run, `start`."""
        self._home.prepare()
        async with self._home.lock():
            return self.running() or await self._start(progress)

    async def keep(self, progress: Progress = _silent) -> None:
        """Restart a part that dies, with backoff, on the same port and data. Call after `start`; cancel it before `stop`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_keep("kafka", self._kafka, progress))
            group.create_task(_keep("postgres", self._postgres, progress))

    async def stop(self) -> None:
        """End Kafka, then PostgreSQL, in order and with patience; does nothing where none runs."""
        if self._home.run.exists():
            async with self._home.lock():
                await asyncio.to_thread(self._end)

    async def reset(self) -> None:
        """End the parts and remove the data folder's content, except downloads and port numbers."""
        if self._home.run.exists():
            async with self._home.lock():
                await asyncio.to_thread(self._end)
                await asyncio.to_thread(self._home.clear)
                await asyncio.to_thread(self._postgres.clear)

    def running(self) -> Addresses | None:
        """Give the addresses if both parts' processes run, whoever started them."""
        kafka, port = self._kafka.address(), self._postgres.port()
        return None if kafka is None or port is None else self._addresses(kafka, port)

    async def _start(self, progress: Progress) -> Addresses:
        await asyncio.to_thread(self._end)
        try:
            async with asyncio.TaskGroup() as group:
                kafka = group.create_task(self._kafka.start(lambda state: progress("kafka", state)))
                postgres = group.create_task(self._postgres.start(lambda state: progress("postgres", state)))
        except BaseException as failure:
            # Also when a person lost patience: nothing may stay behind.
            await asyncio.to_thread(self._end)
            if isinstance(failure, ExceptionGroup):
                raise failure.exceptions[0] from failure
            raise
        return self._addresses(kafka.result(), postgres.result())

    def _end(self) -> None:
        self._kafka.stop()
        self._postgres.stop()

    def _addresses(self, kafka: str, port: int) -> Addresses:
        return Addresses(kafka, LOOPBACK, port, SUPERUSER, self._postgres.password)


async def _keep(name: str, part: KafkaNode | PostgresServer, progress: Progress) -> None:
    wait = _LOOK_SECONDS
    while True:
        await asyncio.sleep(wait)
        if part.pid_file.process() is not None:
            wait = _LOOK_SECONDS
            continue
        progress(name, "died, restarting")
        try:
            await asyncio.to_thread(part.stop)
            await part.start(lambda state: progress(name, state))
        except STACK_ERRORS as error:
            wait = min(_LONGEST_WAIT_SECONDS, wait * 2)
            progress(name, f"cannot be restarted, next attempt in {wait:.0f} s: {error}")


async def _main(arguments: argparse.Namespace) -> int:
    stack = EmbeddedStack(Home(arguments.home.resolve()) if arguments.home else default_home())
    match arguments.action:
        case "up":
            await stack.ensure(lambda part, state: _say(f"{part}: {state}"))
        case "down":
            await stack.stop()
            return 0
        case "reset":
            await stack.reset()
            return 0
    addresses = stack.running()
    if addresses is None:
        _say("not running")
        return 1
    sys.stdout.write(json.dumps(dataclasses.asdict(addresses), indent=1) + "\n")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> int:
    """Run the command line; 0 done, 1 not running or not startable, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.stack", description=__doc__)
    parser.add_argument("--home", type=Path, help="data folder; default: ANCORA_HOME, else .ancora in the checkout")
    parser.add_argument("action", choices=["up", "down", "reset", "addresses"])
    # A shell without job control starts its background jobs with this signal ignored; an interrupted start must end what it began.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return asyncio.run(_main(parser.parse_args()))
    except STACK_ERRORS as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
