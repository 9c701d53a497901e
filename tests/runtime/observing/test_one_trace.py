"""One trace from the request to the read models, across HTTP, PostgreSQL, Kafka and a reaction in another service."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services._runtime.ids import new_id
from services._runtime.observing.tracing import span_id_of
from tests.runtime.messaging.worlds import eventually
from tests.runtime.observing.worlds import from_request_to_report

if TYPE_CHECKING:
    from tests.runtime.observing.worlds import Running
    from tests.support.database import Cluster
    from tests.support.kafka import Kafka
    from tests.support.observed import Spans

NOTICE = {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True}
IDENTITY = {"sex": "female", "given_names": "Selam", "family_name": "Prova", "birth_date": "1990-01-01"}
ENROLMENT = {"territory": "PR", "municipality": "034027", "identity": IDENTITY}
POST = "POST /beneficiaries/{beneficiary_id}/enrolment"
CALLERS_SPAN = 0xB7AD6B7169203331


async def test_one_trace_leads_from_the_request_through_kafka_to_the_read_models(cluster: Cluster, kafka: Kafka, spans: Spans) -> None:
    """Each span has the span that caused it as its parent, and the event's own is found from the event alone."""
    async with from_request_to_report(cluster, kafka, spans) as running:
        trace = new_id()
        event_id = await _enrol(running, trace)
        await eventually(lambda: _positions(running), 3)

    enrolled, opened = "store intake.beneficiary_enrolled", "store pathways.pathway_opened"
    topics = {span.name for span in spans.of(trace) if span.name.startswith("relay to ")}
    assert len(topics) == 2
    edges = {(service, name if name not in topics else "relay", parent) for service, name, parent in spans.edges(trace)}
    assert edges == {
        ("intake", POST, "elsewhere"),
        ("intake", enrolled, POST),
        ("intake", "relay", enrolled),
        ("pathways", "react to intake.beneficiary_enrolled", enrolled),
        ("pathways", opened, "react to intake.beneficiary_enrolled"),
        ("pathways", "relay", opened),
        *(("reporting", what, event) for what in ("write to the journal", "fold into read models") for event in (enrolled, opened)),
    }
    (stored,) = [span for span in spans.of(trace) if span.name == enrolled]
    assert stored.context is not None
    assert stored.context.span_id == span_id_of(event_id)
    (posted,) = [span for span in spans.of(trace) if span.name == POST]
    assert posted.parent is not None
    assert posted.parent.span_id == CALLERS_SPAN


async def _enrol(running: Running, trace: UUID) -> UUID:
    """Give a notice in a trace of its own; enrol in the given trace, and return the event's id."""
    record, token = f"/beneficiaries/{new_id()}", running.issuer.token()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
    noticed = await running.client.post(f"{record}/privacy-notices", json=NOTICE, headers=headers)
    headers |= {"Idempotency-Key": str(new_id()), "If-Match": noticed.headers["etag"]}
    headers["traceparent"] = f"00-{trace.hex}-{CALLERS_SPAN:016x}-01"
    answer = await running.client.post(f"{record}/enrolment", json=ENROLMENT, headers=headers)
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["events"][0]["id"])


async def _positions(running: Running) -> int:
    """Return the position up to which every read model is folded."""
    return min((model.position for model in await running.runner.status()), default=0)
