"""I6 on the real processes: what is recorded of people is in none of their logs, nor in what is scraped of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

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
    found = [(name, canary) for name, text in (logs | metrics).items() for canary in CANARIES if canary.lower() in text.lower()]
    assert found == []
