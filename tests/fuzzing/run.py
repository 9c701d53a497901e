"""`python -m tests.fuzzing.run [CASES]`: so many requests (by default 10,000) to the services of an Ancora of its own. Exit 1 on a finding.

Who calls is of another organisation than the one that recorded what is planted, in the role that may most; for what waits for a person,
an administrator; and afterwards colleagues of those who recorded it, whom the deciders answer. Schemathesis makes the requests from each
service's own document and checks the answers: no 5xx, what the document says and nothing else, no form that it forbids taken for good, no
way around the token; `hooks.py` adds what may be in no answer.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from contracts.topics import SERVICES
from deploy.local.paths import Home, default_home
from tests.fuzzing import PLANTED
from tests.fuzzing.planting import plant
from tests.journeys.callers import Callers
from tests.support.whole import ROOT, UNBOUNDED, Ancora

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CASES = 10_000
FOLDER = ROOT / "build" / "fuzz"

_AT_ONCE = 2
"""Rounds at a time: making requests up takes more of a core than answering them."""

_PARKED = "^/parked"
_SKIPPED = "/stream"
"""It never ends; its own tests read it."""

_NOT_CHECKED = "positive_data_acceptance"
"""That whatever has the agreed form is accepted: what the facts do not allow is refused, and a document cannot say when."""


@dataclass(frozen=True, slots=True)
class Round:
    """The part of a service that somebody of this login is let loose on, with one in so many of all cases."""

    service: str
    login: str
    parked: bool = False
    one_in: int = 1


STRANGERS = (
    *(Round(service, "case-worker.ics") for service in ("intake", "pathways", "reporting")),
    Round("tutors", "tutor-coordinator.ics"),
    # There is little that waits for a person, and it is the same for all services.
    *(Round(service, "administrator.ics", parked=True, one_in=100) for service in ("intake", "pathways", "tutors", "reporting")),
)

COLLEAGUES = (
    Round("intake", "case-worker.ciac", one_in=4),
    Round("pathways", "team-coordinator.ciac", one_in=4),
    Round("tutors", "tutor-coordinator.ciac", one_in=4),
    Round("reporting", "auditor.ciac", one_in=4),
)
"""They may be told what is planted, and may hand it over: they come when the strangers are through."""


def main() -> int:
    """Do every round until its cases are through; 1 where an answer was not as it must be."""
    cases, seed = int(sys.argv[1]) if len(sys.argv) > 1 else CASES, int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 30)))
    # A 429 would say nothing of what lies behind it.
    own = Ancora(Home(FOLDER / "home"), surroundings=UNBOUNDED)
    FOLDER.mkdir(parents=True, exist_ok=True)
    own.provide_jars(default_home().jars)
    own.run("down")
    try:
        own.start("--reset")
        told = plant(own)
        each = math.ceil(cases / len(SERVICES))
        clean = _through(own, STRANGERS, each, told, seed) + _through(own, COLLEAGUES, each, told | {"canaries": []}, seed)
    finally:
        own.run("down")
    return 0 if all(clean) else 1


def _through(ancora: Ancora, rounds: Iterable[Round], each: int, told: Mapping[str, Any], seed: int) -> list[bool]:
    """Do these rounds, some at a time; tell of each whether it was clean."""
    planted = FOLDER / "planted.json"
    planted.write_text(json.dumps(told), encoding="utf-8")
    with ThreadPoolExecutor(_AT_ONCE) as executor:
        return list(executor.map(lambda one: _clean(ancora, one, each // one.one_in, planted, seed), rounds))


def _clean(ancora: Ancora, one: Round, cases: int, planted: Path, seed: int) -> bool:
    """Send so many requests at least; tell whether all answers were as they must be."""
    sent, report = 0, FOLDER / f"{one.service}-{one.login}.json"
    while sent < cases:
        with Callers(ancora) as callers:
            token = callers.token(one.login)
        done = _schemathesis(ancora.url(one.service), token, cases, planted, seed, report, parked=one.parked)
        counted = json.loads(report.read_text(encoding="utf-8"))["test_cases"] if report.exists() else {"generated": 0}
        sent += counted["generated"]
        print(f"{one.service} as {one.login}: {sent} of {cases} requests, seed {seed}", flush=True)
        if done.returncode != 0 or not counted["generated"]:
            print(done.stdout + done.stderr, flush=True)
            return False
        seed += 1
    return True


def _schemathesis(
    url: str, token: str, cases: int, planted: Path, seed: int, report: Path, *, parked: bool
) -> subprocess.CompletedProcess[str]:
    report.unlink(missing_ok=True)
    document = httpx.get(f"{url}/openapi.json").raise_for_status().json()
    here = [path for path in document["paths"] if path.startswith("/parked") == parked and path != _SKIPPED]
    operations = sum(len(document["paths"][path]) for path in here)
    chosen = ["--include-path-regex", _PARKED] if parked else ["--exclude-path-regex", f"{_PARKED}|^{_SKIPPED}$"]
    words = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", *chosen]
    words += ["-H", f"Authorization: Bearer {token}", "--checks", "all", "--exclude-checks", _NOT_CHECKED]
    words += ["--phases", "coverage,fuzzing", "--max-examples", str(max(20, cases // operations)), "--continue-on-failure"]
    words += ["--seed", str(seed), "--report", "json", "--report-json-path", str(report), "--warnings", "off"]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzzing.hooks", PLANTED: str(planted)}
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
