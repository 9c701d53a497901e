"""I6 on the real processes: what is recorded of people is in none of their logs, nor in what is scraped of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import httpx
import psutil

from contracts.topics import SERVICES
from tests.fuzzing.planting import CANARIES, plant

if TYPE_CHECKING:
    from tests.support.whole import Ancora


def test_what_is_recorded_of_people_is_in_no_log_and_no_metric_of_any_process(ancora: Ancora) -> None:
    """I6: the services', PostgreSQL's, Kafka's and the issuer's."""
    plant(ancora)
    logs = {file.name: file.read_text(errors="replace") for file in ancora.home.logs.iterdir()}
    assert {"intake.log", "pathways.log", "tutors.log", "reporting.log", "postgres.log", "kafka.log"} <= logs.keys()
    metrics = {service: httpx.get(f"{ancora.url(service)}/metrics").text for service in SERVICES}
    assert "ancora_commands_total" in metrics["intake"]
    # Whole words: an approval that lapses is told, and has "prova" in it.
    words = {canary: re.compile(rf"\b{re.escape(canary)}\b", re.IGNORECASE) for canary in CANARIES}
    found = [(name, canary) for name, text in (logs | metrics).items() for canary, word in words.items() if word.search(text)]
    assert found == []


def test_no_process_has_a_secret_in_its_arguments_and_no_log_has_one(ancora: Ancora) -> None:
    """Arguments are everybody's to read on a machine, and logs are an operator's."""
    files = {file.name: file.read_text(errors="replace").strip() for file in ancora.home.secrets.iterdir() if file.is_file()}
    secrets = {*json.loads(files.pop("roles.json")).values(), *files.values()}
    assert len(secrets) > 8
    assert all(len(secret) > 16 for secret in secrets)
    processes = [one for known in ancora.processes().values() for one in (known, *known.children(recursive=True))]
    argued = "\n".join(" ".join(process.cmdline()) for process in processes if process.status() != psutil.STATUS_ZOMBIE)
    assert "services.intake.main" in argued
    logged = "\n".join(file.read_text(errors="replace") for file in ancora.home.logs.iterdir())
    assert not [secret for secret in secrets if secret in argued or secret in logged]
