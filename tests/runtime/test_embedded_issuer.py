import os
import sys
from pathlib import Path

import httpx
import psutil

from deploy.local.paths import Home
from deploy.local.ports import PortBook
from deploy.local.supervision import Command, Supervisor

CONSORTIUM = "{organisations: [{code: ciac, name: CIAC, kind: third_sector, role: lead}]}"


async def test_the_issuer_runs_supervised_on_loopback_only_and_keeps_its_key(tmp_path: Path) -> None:
    """A token of before a restart verifies after it, because key and address stay."""
    home = Home(tmp_path / "home")
    organisations = tmp_path / "consortium.yaml"
    organisations.write_text(CONSORTIUM)
    home.prepare()
    port = PortBook(home.root / "ports.json").port_for("issuer")
    arguments = ["--port", str(port), "--home", str(home.root), "--audience", "ancora", "--organisations", str(organisations)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
    keys = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def ready() -> bool:
            return (await client.get("/.well-known/openid-configuration")).is_success

        command = Command(
            "issuer", [sys.executable, "-m", "deploy.local.development_issuer", *arguments], environment, home.logs / "issuer.log", ready
        )
        for _ in range(2):
            supervisor = Supervisor(home, [command])
            await supervisor.start()
            try:
                pid = supervisor.snapshot()[0].pid
                listening = [c.laddr.ip for c in psutil.Process(pid).net_connections() if c.status == psutil.CONN_LISTEN]
                assert listening == ["127.0.0.1"]
                answer = await client.post("/token", data={"grant_type": "client_credentials", "client_id": "auditor.ciac"})
                assert answer.is_success
                keys.append((await client.get("/jwks")).json())
            finally:
                await supervisor.stop()
    assert keys[0] == keys[1]
    assert home.secrets.joinpath("development-issuer.json").stat().st_mode & 0o777 == 0o600
