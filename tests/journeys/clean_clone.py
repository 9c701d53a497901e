"""`make clean-clone`: what a newcomer sees. A fresh clone, empty caches, `./ancora up`, the page; then once more, warm.

Writes build/clean-clone.json: cold_s, warm_s (seconds until all is ready), rss_mb (all processes), events, persons, page_ok.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import psycopg

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "clean-clone"
CLONE = WORK / "ancora"


def main() -> int:
    """Do it all; 1 where the page, `verify` or the warm start is not as promised."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(CLONE)], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANCORA_", "VIRTUAL_ENV", "PYTHON"))}
    # Empty caches, and no uv but the one that the wrapper brings.
    environment |= {"XDG_CACHE_HOME": str(WORK / "cache"), "UV_CACHE_DIR": str(WORK / "cache" / "uv"), "PIP_NO_CACHE_DIR": "1"}
    environment["PATH"] = os.pathsep.join(folder for folder in environment["PATH"].split(os.pathsep) if not (Path(folder) / "uv").exists())
    report: dict[str, object] = {}
    try:
        report["cold_s"] = _timed(environment, "up", "--detach")
        report |= _look(environment)
        report["rss_mb"] = _memory()
        _ancora(environment, "down")
        report["warm_s"] = _timed(environment, "up", "--detach")
    finally:
        _ancora(environment, "down")
    (ROOT / "build" / "clean-clone.json").write_text(json.dumps(report, indent=1) + "\n")
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["page_ok"] and report["verify_ok"] and float(str(report["warm_s"])) < 20 else 1


def _ancora(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(CLONE / "ancora"), *arguments],
        cwd=CLONE,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def _timed(environment: dict[str, str], *arguments: str) -> float:
    began = time.monotonic()
    done = _ancora(environment, *arguments)
    if done.returncode != 0:
        sys.stdout.write(done.stdout)
        raise SystemExit(f"./ancora {' '.join(arguments)} ended with {done.returncode}")
    return round(time.monotonic() - began, 1)


def _look(environment: dict[str, str]) -> dict[str, object]:
    """Look as a newcomer: the page, the figures after signing in, the status, and `verify`."""
    ports = json.loads((CLONE / ".ancora" / "ports.json").read_text())
    page, issuer = (f"http://127.0.0.1:{ports[name]}" for name in ("reporting", "issuer"))
    asked = {"grant_type": "client_credentials", "client_id": "reporting-consumer.ciac"}
    token = httpx.post(f"{issuer}/token", data=asked).raise_for_status().json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    opened = httpx.get(f"{page}/")
    progress = httpx.get(f"{page}/territory-progress", headers=bearer)
    status = json.loads(_ancora(environment, "status", "--json").stdout)
    verified = _ancora(environment, "verify", "--json")
    return {
        "events": sum(service["events"] for service in status["services"]),
        "persons": _persons(),
        "page_ok": opened.status_code == 200 and "Ancora" in opened.text and progress.status_code == 200,
        "verify_ok": verified.returncode == 0,
    }


def _persons() -> int:
    """Count the persons of whom intake has a stream."""
    ports = json.loads((CLONE / ".ancora" / "ports.json").read_text())
    password = json.loads((CLONE / ".ancora" / "secrets" / "roles.json").read_text())["ancora_intake"]
    with psycopg.connect(
        host="127.0.0.1", port=ports["postgres"], dbname="ancora_intake", user="ancora_intake", password=password
    ) as intake:
        (count,) = intake.execute("select count(distinct stream_id) from store.events where stream_id like 'person-%'").fetchone() or (0,)
    return int(count)


def _memory() -> int:
    """Return the resident memory of everything that runs out of the clone's data folder, in MB."""
    pids = [json.loads(file.read_text())["pid"] for file in (CLONE / ".ancora" / "run").glob("*.pid")]
    family = {process for pid in pids if psutil.pid_exists(pid) for process in _family(psutil.Process(pid))}
    return sum(process.memory_info().rss for process in family) // 1_000_000


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


if __name__ == "__main__":
    sys.exit(main())
