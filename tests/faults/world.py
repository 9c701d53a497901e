"""A whole Ancora whose processes do one kind of work each and reach Kafka and PostgreSQL through our proxies."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import psutil

from deploy.local.kafka import KafkaNode
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.postgres import SUPERUSER, PostgresServer
from deploy.local.process import PidFile, wait_until_ended
from deploy.local.supervision import Command, Patience, Supervisor
from services._runtime.provisioning import database_of
from services.cli.deployment import ISSUER, Deployment, issuer_argv, service_argv
from services.cli.prepare import prepare
from tests.faults.proxy import Proxy
from tests.support.whole import ROOT, UNBOUNDED, Ancora

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from deploy.local.paths import Home

PROCESSES = {
    "intake-api": ("intake", "api,project,consume"),
    "intake-sequence": ("intake", "sequence"),
    "pathways-api": ("pathways", "api"),
    "pathways-sequence": ("pathways", "sequence"),
    "pathways-consume": ("pathways", "consume"),
    "pathways-project": ("pathways", "project"),
    "pathways-schedule": ("pathways", "schedule"),
    # One service as it runs on one machine: a process that does everything.
    "tutors": ("tutors", "api,sequence,consume,project,schedule"),
    "reporting-api": ("reporting", "api,sequence,consume"),
    "reporting-ingest": ("reporting", "ingest"),
    "reporting-project": ("reporting", "project"),
}
"""Each process's service and kinds of work: every kind stands alone at least once."""

_PATIENCE = Patience(first=0.1, limit=0.5, healthy_after=1.0, grace=0.5)
_DEAD_S = 10.0


@dataclass
class World:
    """The processes, the real parts and the proxies between them. Use within the event loop that began it."""

    ancora: Ancora
    kafka: Proxy
    postgres: Proxy
    broker: KafkaNode
    server: PostgresServer
    direct: Deployment
    environments: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    _supervisors: list[Supervisor] = field(default_factory=list)

    @property
    def home(self) -> Home:
        """The data folder."""
        return self.ancora.home

    def process(self, name: str) -> psutil.Process | None:
        """Return a service's process by its name here, or None where it is dead at the moment."""
        return PidFile(self.home.run / f"service-{name}.pid").process()

    async def kill(self, name: str) -> bool:
        """Kill -9 a process; whoever supervises starts it again. False where it was dead already."""
        process = self.process(name)
        if process is None:
            return False
        _send(process, signal.SIGKILL)
        await asyncio.to_thread(wait_until_ended, [process], _DEAD_S)
        return True

    async def kill_broker(self) -> None:
        """Kill -9 Kafka."""
        await _kill_family(self.broker.pid_file.process())

    async def kill_server(self, how: signal.Signals) -> None:
        """End PostgreSQL as a power cut would (SIGQUIT), or its first process as kill -9 does; its children end then."""
        process = self.server.pid_file.process()
        if process is None:
            return
        children = process.children(recursive=True)
        _send(process, how)
        await asyncio.to_thread(wait_until_ended, [process, *children], _DEAD_S)

    async def revive(self) -> None:
        """Start the real parts that are dead, and make the network a good one."""
        for part in (self.server, self.broker):
            if part.pid_file.process() is None:
                await asyncio.to_thread(part.stop)
                await part.start(lambda _state: None)
        await self.kafka.restore()
        await self.postgres.restore()

    async def verified(self) -> tuple[int, list[dict[str, str]]]:
        """Return what `ancora verify` finds; the proxies go on meanwhile, for they live in this loop."""
        return await asyncio.to_thread(self.ancora.verify)

    async def superuser(self, feed: str) -> asyncpg.Connection:
        """Connect past the proxy to a feed's database as nobody of ours may."""
        return await asyncpg.connect(self.direct.admin(database_of(feed)), timeout=10)

    @asynccontextmanager
    async def beside(self, name: str) -> AsyncIterator[str]:
        """Run a second process that does the same as `name`; give the name under which it is known."""
        second = f"{name}-second"
        service, kinds = PROCESSES[name]
        environment = self.environments[name] | {"ANCORA_PORT": str(self.direct.ports.port_for(second))}
        argv = [*service_argv(service), "--kinds", kinds]
        log = (self.home.logs / f"{second}.log").open("ab")
        process = await asyncio.create_subprocess_exec(*argv, env=environment, cwd=ROOT, stdout=log, stderr=log)
        pid_file = PidFile(self.home.run / f"service-{second}.pid")
        pid_file.write(process.pid)
        try:
            yield second
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            pid_file.forget()
            log.close()

    async def start_services(self) -> None:
        """Start every process and wait until each API is ready."""
        # Once: a port that is in use is not given again.
        issuer_port = self.direct.ports.port_for(ISSUER)
        self.environments = self._environments()
        supervisor = Supervisor(self.home, self._commands(issuer_port), patience=_PATIENCE)
        await supervisor.start()
        self._supervisors.append(supervisor)

    async def stop(self) -> None:
        """End everything."""
        await self.revive()
        for supervisor in self._supervisors:
            await supervisor.stop()
        for part in (self.broker, self.server):
            await asyncio.to_thread(part.stop)
        for proxy in (self.kafka, self.postgres):
            await proxy.stop()

    def _environments(self) -> dict[str, dict[str, str]]:
        """Return what each process reads: it knows the proxies' addresses only."""
        through = urlsplit(self.direct.admin_dsn)
        netloc = f"{through.netloc.rpartition(':')[0]}:{self.postgres.port}"
        seen = Deployment(self.home, urlunsplit(through._replace(netloc=netloc)), f"{LOOPBACK}:{self.kafka.port}", embedded=True)
        # Every process listens, if only for probes. The port of a service is that of its API, where callers find it.
        ports = {name: self.direct.ports.port_for(service if "api" in kinds else name) for name, (service, kinds) in PROCESSES.items()}
        return {name: seen.environment(service, {service: ports[name]}) | UNBOUNDED for name, (service, _) in PROCESSES.items()}

    def _commands(self, issuer_port: int) -> list[Command]:
        home = self.home
        plain = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME")}
        ready = _answers(f"http://{LOOPBACK}:{issuer_port}/.well-known/openid-configuration")
        commands = [Command(ISSUER, issuer_argv(home, issuer_port), plain, home.logs / "issuer.log", ready=ready)]
        for name, (service, kinds) in PROCESSES.items():
            environment = self.environments[name]
            alive = _answers(f"http://{LOOPBACK}:{environment['ANCORA_PORT']}/health/live")
            argv = [*service_argv(service), "--kinds", kinds]
            commands.append(Command(name, argv, environment, home.logs / f"{name}.log", ready=alive))
        return commands


@asynccontextmanager
async def world_at(home: Home) -> AsyncIterator[World]:
    """Start a whole, empty Ancora in a data folder; end it afterwards."""
    ancora = Ancora(home)
    ancora.provide_jars(ROOT / "build" / "test-stack" / "jars")
    assert ancora.run("down").returncode == 0
    await _emptied(home)
    ports = PortBook(home.root / "ports.json")
    kafka_port, postgres_port = ports.port_for("kafka-proxy"), ports.port_for("postgres-proxy")
    broker, server = KafkaNode(home, ports, advertised_port=kafka_port), PostgresServer(home, ports)
    kafka, upstream = await asyncio.gather(broker.start(lambda _state: None), server.start(lambda _state: None))
    admin = f"postgresql://{SUPERUSER}:{server.password}@{LOOPBACK}:{upstream}/postgres"
    world = World(
        ancora=ancora,
        kafka=Proxy(kafka_port, int(kafka.rpartition(":")[2])),
        postgres=Proxy(postgres_port, upstream),
        broker=broker,
        server=server,
        direct=Deployment(home, admin, kafka, embedded=True),
    )
    try:
        ancora.dsn_of_parts = world.direct.admin("{database}")
        for proxy in (world.kafka, world.postgres):
            await proxy.start()
        passwords = world.direct.passwords()
        await prepare(admin, kafka, passwords, demonstration=True, tell=lambda _part, _state: None)
        await world.start_services()
        yield world
    finally:
        await world.stop()


@contextmanager
def frozen(process: psutil.Process | None) -> Iterator[None]:
    """Stop a process in the middle of whatever it does during the body, and let it go on as if nothing had been."""
    if process is None:
        raise ProcessLookupError("it is dead already")
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        _send(process, signal.SIGCONT)


async def _emptied(home: Home) -> None:
    server = PostgresServer(home, PortBook(home.root / "ports.json"))
    home.prepare()
    await asyncio.to_thread(home.clear)
    await asyncio.to_thread(server.clear)
    home.prepare()


async def _kill_family(process: psutil.Process | None) -> None:
    if process is not None:
        _send(process, signal.SIGKILL)
        await asyncio.to_thread(wait_until_ended, [process], _DEAD_S)


def _send(process: psutil.Process, sent: signal.Signals) -> None:
    try:
        process.send_signal(sent)
    except psutil.NoSuchProcess:
        return


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        async with httpx.AsyncClient(timeout=2) as client:
            return (await client.get(url)).is_success

    return probe
