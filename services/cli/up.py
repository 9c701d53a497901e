"""`ancora up`: the real parts, the databases, the topics, the services, the caseload; then wait, and end all in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx

from contracts.topics import SERVICES
from deploy.local.keycloak.distribution import KeycloakError
from deploy.local.keycloak.server import KEYCLOAK
from deploy.local.paths import CHECKOUT, Home, HomeBusyError, default_home
from deploy.local.stack import STACK_ERRORS, EmbeddedStack
from deploy.local.supervision import Command, Patience, SupervisionError, Supervisor, end_leftovers, supervisor_pid_file
from services.cli import demo
from services.cli.console import err, fail, out, part_progress
from services.cli.deployment import ISSUER, ORGANISATIONS, Deployment, issuer_argv, service_argv, start_parts
from services.cli.errors import DeploymentError
from services.cli.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

READY_MARK = "up.ready"
"""The file in the data folder's run room that says: everything is up, the caseload included."""


_PATIENCE = Patience(ready=240.0)
"""A Keycloak that starts for the first time builds itself: a minute, and several on a machine that is busy."""


def run(*, detach: bool, reset: bool, persons: int, seed: int, with_demo: bool, keycloak: bool) -> None:
    """Start everything and stay until Ctrl-C (or, detached, return when all is ready)."""
    home = default_home()
    if supervisor_pid_file(home).process() is not None:
        fail("Ancora is already running in this checkout: `./ancora status` shows it, `./ancora down` ends it")
    (home.run / READY_MARK).unlink(missing_ok=True)
    try:
        if reset:
            err.print("removing this checkout's data …")
            asyncio.run(EmbeddedStack(home).reset())
        if detach:
            _detached(home, persons=persons, seed=seed, with_demo=with_demo, keycloak=keycloak)
        else:
            asyncio.run(_up(home, persons=persons, seed=seed, with_demo=with_demo, keycloak=keycloak))
    except (*STACK_ERRORS, KeycloakError, HomeBusyError, SupervisionError, DeploymentError, demo.DemonstrationError) as error:
        fail(str(error))


async def _up(home: Home, *, persons: int, seed: int, with_demo: bool, keycloak: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sent, stopped.set)
    work = asyncio.create_task(_everything(home, persons=persons, seed=seed, with_demo=with_demo, keycloak=keycloak))
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        err.print("\nending, in order …")
    work.cancel()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _everything(home: Home, *, persons: int, seed: int, with_demo: bool, keycloak: bool) -> None:
    tell = part_progress()
    stack = EmbeddedStack(home)
    # Services of a crashed run first: they would lose their database and broker under their feet.
    await asyncio.to_thread(end_leftovers, home)
    supervisor: Supervisor | None = None
    keeping: asyncio.Task[None] | None = None
    try:
        deployment = await start_parts(home, tell, keycloak=keycloak)
        if deployment.embedded:
            keeping = asyncio.create_task(stack.keep(tell))
        passwords = deployment.passwords()
        await prepare(deployment.admin_dsn, deployment.kafka, passwords, demonstration=deployment.development, tell=tell)
        supervisor = Supervisor(home, await asyncio.to_thread(commands, deployment), tell, _PATIENCE)
        await supervisor.start()
        _welcome(deployment)
        if with_demo and deployment.development:
            await demo.fill(deployment, seed=seed, persons=persons)
        _invite(deployment)
        (home.run / READY_MARK).touch()
        await asyncio.Event().wait()
    finally:
        (home.run / READY_MARK).unlink(missing_ok=True)
        if supervisor is not None:
            await supervisor.stop()
        if keeping is not None:
            keeping.cancel()
            await asyncio.wait([keeping])
        await stack.stop()


def commands(deployment: Deployment) -> list[Command]:
    """Return what is kept running: the services, and before them Keycloak, or the development issuer where the parts are embedded."""
    home = deployment.home
    own = (*((ISSUER,) if deployment.development else ()), *SERVICES)
    ports = {name: deployment.ports.port_for(name) for name in own}
    started = [
        Command(
            service,
            service_argv(service),
            deployment.environment(service, ports),
            home.logs / f"{service}.log",
            ready=_answers(f"http://127.0.0.1:{ports[service]}/health/ready"),
        )
        for service in SERVICES
    ]
    if deployment.keycloak:
        return [_keycloak(deployment), *started]
    if not deployment.development:
        return started
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME")}
    ready = _answers(f"http://127.0.0.1:{ports[ISSUER]}/.well-known/openid-configuration")
    return [Command(ISSUER, issuer_argv(home, ports[ISSUER]), environment, home.logs / "issuer.log", ready=ready), *started]


def _keycloak(deployment: Deployment) -> Command:
    server = deployment.keycloak_server()
    argv = server.argv(server.prepare(ORGANISATIONS))
    ready = _answers(f"{server.issuer}/.well-known/openid-configuration")
    return Command(KEYCLOAK, argv, server.environment(), deployment.home.logs / "keycloak.log", ready=ready)


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        async with httpx.AsyncClient(timeout=2) as client:
            return (await client.get(url)).is_success

    return probe


def _welcome(deployment: Deployment) -> None:
    out.print(f"\nAncora runs.  Page: [bold]{deployment.url('reporting')}/[/bold]   (Ctrl-C or `./ancora down` ends it in order)")


def _invite(deployment: Deployment) -> None:
    """Say how to sign in and what to try."""
    page, issuer = deployment.url("reporting"), deployment.url(ISSUER)
    sign_in = "press “Entra”, then choose a person: the development issuer lists them by role and organisation"
    how = f"curl -s {issuer}/token -d grant_type=client_credentials -d client_id=case-worker.ciac"
    if not deployment.development:
        sign_in = "press “Entra”: your issuer asks who you are"
        how = "of your issuer, for the audience “ancora”"
    if deployment.keycloak:
        sign_in = f"press “Entra”; invented people such as case-worker.ciac, password “people” in {deployment.home.secrets}/keycloak.json"
        how = f"{issuer}/protocol/openid-connect/token, client ancora-reporting-consumer, secret “consumer” in the same file"
    apis = " · ".join(f"{service} {deployment.url(service)}" for service in SERVICES)
    out.print(
        f"""
  Page        {page}/   Italian; English with {page}/?lang=en
  Sign in     {sign_in}
  A token     {how}
  APIs        {apis}
  Try         docs/tutorial/first-steps.md: from sign-in to a milestone with curl, while the page is open
  See         ./ancora status   ./ancora verify   (in another terminal)
""",
        markup=False,
    )


def _detached(home: Home, *, persons: int, seed: int, with_demo: bool, keycloak: bool) -> None:
    """Start a process of its own that does the same, and return when it says that all is ready."""
    home.prepare()
    log = home.logs / "up.log"
    flags = ["--persons", str(persons), "--seed", str(seed), *([] if with_demo else ["--no-demo"]), *(["--keycloak"] if keycloak else [])]
    log.unlink(missing_ok=True)
    # For appending: it is emptied when it has grown too large, and goes on at its new end.
    with log.open("ab") as sink:
        child = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "services.cli.main", "up", *flags],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            cwd=CHECKOUT,
        )
    with log.open("rb") as source:
        while child.poll() is None and not (home.run / READY_MARK).exists():
            sys.stdout.write(source.read().decode(errors="replace"))
            sys.stdout.flush()
            time.sleep(0.2)
        sys.stdout.write(source.read().decode(errors="replace"))
    if child.poll() is not None:
        fail(f"Ancora did not start; its output is in {log}")
