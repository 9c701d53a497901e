import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.jars import KAFKA_VERSION, JarError
from deploy.local.paths import CHECKOUT, Home
from deploy.local.ports import PortBook
from deploy.local.postgres import PostgresError, PostgresServer
from deploy.local.process import PidFile
from deploy.local.stack import Addresses, EmbeddedStack

pytestmark = pytest.mark.timeout(300)
Make = Callable[[str], tuple[Home, EmbeddedStack]]
TOPIC = "ancora.probe"


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Make stacks in folders of their own, ended and emptied after the test."""
    made: list[EmbeddedStack] = []

    def make_one(name: str) -> tuple[Home, EmbeddedStack]:
        home = Home(tmp_path / name)
        made.append(EmbeddedStack(home))
        return home, made[-1]

    yield make_one
    for stack in made:
        await stack.reset()


async def leave_a_trace(addresses: Addresses) -> None:
    """Write one row and one record, both acknowledged."""
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=12, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=addresses.kafka, enable_idempotence=True, compression_type="lz4") as producer:
        await producer.send_and_wait(TOPIC, b"a record", key=b"a key")
    connection = await asyncpg.connect(addresses.dsn())
    await connection.execute("create table trace (text text)")
    await connection.execute("insert into trace values ('a row')")
    await connection.close()


async def read_the_trace(addresses: Addresses) -> tuple[str | None, bytes | None]:
    """Read the row and the record back."""
    connection = await asyncpg.connect(addresses.dsn())
    row = await connection.fetchval("select text from trace")
    await connection.close()
    async with AIOKafkaConsumer(TOPIC, bootstrap_servers=addresses.kafka, auto_offset_reset="earliest") as consumer:
        record = await asyncio.wait_for(consumer.getone(), 20)
    return row, record.value


def pid_of(home: Home, part: str) -> int:
    """Give the pid of a running part."""
    process = PidFile(home.run / f"{part}.pid").process()
    assert process is not None
    return process.pid


async def test_it_starts_answers_stops_and_resumes_on_the_same_addresses(make: Make) -> None:
    """I1: what was acknowledged is there after a stop and a second start, which fetches and asks nothing."""
    home, stack = make("one")
    told: list[tuple[str, str]] = []
    first = await stack.start(lambda part, state: told.append((part, state)))
    assert {("kafka", "ready"), ("postgres", "ready")} <= set(told)
    assert told.index(("postgres", "starting")) < told.index(("kafka", "ready")), "the parts start concurrently"
    await leave_a_trace(first)
    assert stack.running() == first
    pids = [pid_of(home, "kafka"), pid_of(home, "postgres")]
    await stack.stop()
    assert stack.running() is None
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert await stack.start() == first
    assert await read_the_trace(first) == ("a row", b"a record")


async def test_killed_parts_are_started_again_with_all_that_was_acknowledged(make: Make) -> None:
    """I1: SIGKILL of broker and database server loses nothing; the server's orphans do not hinder the next."""
    home, stack = make("one")
    addresses = await stack.start()
    await leave_a_trace(addresses)
    busy = await asyncpg.connect(addresses.dsn())
    endless = asyncio.create_task(busy.execute("do $$ begin loop end loop; end $$"))
    await asyncio.sleep(0.2)
    for part in ("kafka", "postgres"):
        os.kill(pid_of(home, part), signal.SIGKILL)
    assert await stack.start() == addresses
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await endless
    assert await read_the_trace(addresses) == ("a row", b"a record")


async def test_leftovers_of_a_crashed_run_are_ended_by_the_next(make: Make) -> None:
    """A run that ended without stopping leaves parts, which the next start replaces."""
    home, stack = make("one")
    addresses = await stack.start()
    await leave_a_trace(addresses)
    left = {part: pid_of(home, part) for part in ("kafka", "postgres")}
    assert await EmbeddedStack(home).start() == addresses
    assert all(pid_of(home, part) != pid and not psutil.pid_exists(pid) for part, pid in left.items())
    assert await read_the_trace(addresses) == ("a row", b"a record")


async def test_a_part_that_dies_is_restarted_while_it_is_kept(make: Make) -> None:
    """The services find it again where it was."""
    home, stack = make("one")
    addresses = await stack.start()
    await leave_a_trace(addresses)
    ready = {part: asyncio.Event() for part in ("kafka", "postgres")}
    keeping = asyncio.create_task(stack.keep(lambda part, state: ready[part].set() if state == "ready" else None))
    for part, event in ready.items():
        os.kill(pid_of(home, part), signal.SIGKILL)
        await asyncio.wait_for(event.wait(), 60)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert stack.running() == addresses
    assert await read_the_trace(addresses) == ("a row", b"a record")


async def test_two_folders_run_side_by_side(make: Make) -> None:
    """Two checkouts share neither ports nor data, and stopping one leaves the other."""
    (_, left), (_, right) = make("left"), make("right")
    of_left, of_right = await asyncio.gather(left.start(), right.start())
    assert len({of_left.kafka, of_right.kafka}) == 2
    assert of_left.postgres_port != of_right.postgres_port
    assert of_left.password != of_right.password
    await leave_a_trace(of_left)
    await leave_a_trace(of_right)
    await left.stop()
    assert right.running() == of_right
    assert await read_the_trace(of_right) == ("a row", b"a record")


async def test_a_reset_removes_the_data_and_keeps_the_jars(make: Make) -> None:
    """After `--reset` nothing of the old is left, and nothing is fetched again."""
    home, stack = make("one")
    before = await stack.start()
    await leave_a_trace(before)
    jar = home.jars / f"kafka-{KAFKA_VERSION}" / f"kafka_2.13-{KAFKA_VERSION}.jar"
    fetched = jar.stat().st_mtime_ns
    await stack.reset()
    assert stack.running() is None
    after = await stack.start()
    assert jar.stat().st_mtime_ns == fetched
    assert after.password != before.password
    connection = await asyncpg.connect(after.dsn())
    assert await connection.fetchval("select to_regclass('trace')") is None
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=after.kafka)
    await admin.start()
    assert TOPIC not in await admin.list_topics()
    await admin.close()


async def test_the_parts_keep_their_promises(make: Make) -> None:
    """Loopback only, passwords always, durability on, history unlimited, topics on purpose only; I6: no value in the log."""
    home, stack = make("one")
    addresses = await stack.start()
    for part in ("kafka", "postgres"):
        listening = [c.laddr.ip for c in psutil.Process(pid_of(home, part)).net_connections() if c.status == psutil.CONN_LISTEN]
        assert listening
        assert all(ip in {"127.0.0.1", "::ffff:127.0.0.1"} for ip in listening)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(addresses.dsn().replace(addresses.password, "guessed"))
    connection = await asyncpg.connect(addresses.dsn())
    settings = {row["name"]: row["setting"] for row in await connection.fetch("select name, setting from pg_settings")}
    for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert settings[name] == "on"
    assert settings["server_version"].startswith("18.")
    secret = uuid.UUID(int=7).hex
    await connection.execute("create table person (name text primary key)")
    await connection.execute("insert into person values ($1)", secret)
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("insert into person values ($1)", secret)
    with pytest.raises(asyncpg.PostgresSyntaxError):
        await connection.execute(f"insert into person wrong '{secret}'")
    await connection.close()
    log = (home.logs / "postgres.log").read_text()
    assert "duplicate key" in log
    assert secret not in log
    assert all(path.stat().st_mode & 0o077 == 0 for path in home.secrets.iterdir())
    properties = (home.kafka / "server.properties").read_text().splitlines()
    assert {"log.retention.ms=-1", "log.retention.bytes=-1", "auto.create.topics.enable=false"} <= set(properties)


async def test_a_failure_of_one_part_ends_the_other_and_says_why(make: Make) -> None:
    """Altered jars are refused, and PostgreSQL does not stay behind."""
    home, stack = make("one")
    await stack.start()
    await stack.stop()
    with (home.jars / f"kafka-{KAFKA_VERSION}" / f"kafka_2.13-{KAFKA_VERSION}.jar").open("ab") as jar:
        jar.write(b"!")
    with pytest.raises(JarError, match="was altered"):
        await stack.start()
    assert PidFile(home.run / "postgres.pid").process() is None


def permit(folder: Path, mode: int) -> None:
    """Let others pass through a folder, or not."""
    folder.chmod(mode)


@pytest.fixture
def passable(tmp_path: Path) -> Iterator[Path]:
    """A folder in the checkout, which PostgreSQL's account can pass through, unlike pytest's own."""
    folder = CHECKOUT / "build" / f"passable-{tmp_path.name}"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's PostgreSQL runs as that user")
async def test_the_data_of_roots_database_stays_where_it_was_begun(passable: Path) -> None:
    """Changed permissions of a folder above never lead to an empty database beside the full one."""
    home = Home(passable / "home")
    home.prepare()
    server = PostgresServer(home, PortBook(home.root / "ports.json"))
    permit(passable, 0o700)
    await server.start(lambda _state: None)
    server.stop()
    assert not (home.root / "postgres").exists(), "begun elsewhere, for the account cannot come here"
    permit(passable, 0o711)
    await server.start(lambda _state: None)
    server.stop()
    assert not (home.root / "postgres").exists()
    server.clear()
    await server.start(lambda _state: None)
    server.stop()
    assert (home.root / "postgres").exists()
    permit(passable, 0o700)
    with pytest.raises(PostgresError, match="can no longer pass through"):
        await server.start(lambda _state: None)


def test_an_interrupted_start_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C while starting ends what was started already."""
    home = Home(tmp_path / "home")
    command = [sys.executable, "-m", "deploy.local.stack", "--home", str(home.root)]
    with subprocess.Popen([*command, "up"], stderr=subprocess.PIPE, text=True) as starting:
        assert starting.stderr is not None
        assert any(line.startswith("kafka: starting") for line in starting.stderr)
        starting.send_signal(signal.SIGINT)
        assert starting.wait(60) == 130
    assert list(home.run.glob("*.pid")) == []
    assert not [process for process in psutil.process_iter(["cmdline"]) if str(home.root) in " ".join(process.info["cmdline"] or [])]
    subprocess.run([*command, "reset"], check=True)


def test_the_shell_command_leaves_the_stack_running_and_ends_it(tmp_path: Path) -> None:
    """`up` prints the addresses and returns; `up` again changes nothing; `down` ends; `reset` empties."""

    def run(action: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.local.stack", "--home", str(tmp_path / "home"), action]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    try:
        first = run("up")
        assert first.returncode == 0, first.stderr
        addresses = json.loads(first.stdout)
        assert run("up").stdout == run("addresses").stdout == first.stdout
        with socket.create_connection((addresses["postgres_host"], addresses["postgres_port"]), 5):
            pass
        assert run("down").returncode == 0
        assert run("addresses").returncode == 1
    finally:
        assert run("reset").returncode == 0
    assert {entry.name for entry in (tmp_path / "home").iterdir()} == {".ancora-home", "jars", "ports.json", "run"}
