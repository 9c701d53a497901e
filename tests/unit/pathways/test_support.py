"""Services and material support."""

from __future__ import annotations

from dataclasses import replace

from contracts.pathway_values import Reserved
from contracts.pathways import ServiceDelivered, SupportGranted, SupportPaid
from services.pathways.domain.commands import DeliverService, GrantSupport, PaySupport
from services.pathways.domain.refusals import AlreadyRecorded, GrantExceeded, NotInMethodology, NotRecorded
from tests.unit.pathways.cases import IDS, OPEN, PATHWAYS, an_id, history

COURSE = DeliverService(
    service_id=an_id("course"), kind="language-course", minutes=90, mediated=False, programme="ancora-2.0", notes="first lesson"
)
GRANT = GrantSupport(grant_id=an_id("grant"), kind="rent-deposit", amount_cents=90_000, budget_line="b-2", programme="ancora-2.0")
PAY = PaySupport(payment_id=an_id("pay"), grant_id=an_id("grant"), amount_cents=60_000)
OPENED = history(OPEN)


def test_a_service_is_of_the_catalogue_and_counts_for_its_programme() -> None:
    """What was done, for how long, and who pays."""
    PATHWAYS(OPENED).when(COURSE).then(
        [
            ServiceDelivered(
                **IDS,
                service_id=an_id("course"),
                dimension="socio-economic",
                kind="language-course",
                minutes=90,
                mediated=False,
                programme="ancora-2.0",
                notes="first lesson",
            )
        ]
    )
    PATHWAYS(OPENED).when(replace(COURSE, kind="massage")).refused(NotInMethodology)
    PATHWAYS(history(OPEN, COURSE)).when(COURSE).refused(AlreadyRecorded)


def test_a_service_of_a_sensitive_area_travels_without_its_kind() -> None:
    """I6: psychological support is not told."""
    (event,) = PATHWAYS(OPENED).when(replace(COURSE, kind="psychological-support")).then_types(ServiceDelivered)
    assert isinstance(event, ServiceDelivered)
    assert (event.kind, event.notes, event.dimension) == (None, None, "socio-relational")
    assert event.reserved == Reserved(area="health", code="psychological-support", text="first lesson")


def test_support_is_paid_within_its_grant() -> None:
    """Part by part, never more than was granted."""
    PATHWAYS(OPENED).when(GRANT).then(
        [
            SupportGranted(
                **IDS, grant_id=an_id("grant"), kind="rent-deposit", amount_cents=90_000, budget_line="b-2", programme="ancora-2.0"
            )
        ]
    )
    PATHWAYS(history(OPEN, GRANT)).when(PAY).then(
        [
            SupportPaid(
                **IDS,
                payment_id=an_id("pay"),
                grant_id=an_id("grant"),
                kind="rent-deposit",
                amount_cents=60_000,
                budget_line="b-2",
                programme="ancora-2.0",
            )
        ]
    )
    rest = replace(PAY, payment_id=an_id("rest"), amount_cents=30_000)
    PATHWAYS(history(OPEN, GRANT, PAY)).when(rest).then_types(SupportPaid)
    PATHWAYS(history(OPEN, GRANT, PAY)).when(replace(rest, amount_cents=30_001)).refused(GrantExceeded)


def test_support_is_of_the_catalogue_and_granted_before_it_is_paid() -> None:
    """No payment without its grant, no grant or payment twice."""
    PATHWAYS(OPENED).when(replace(GRANT, kind="yacht")).refused(NotInMethodology)
    PATHWAYS(OPENED).when(PAY).refused(NotRecorded)
    PATHWAYS(history(OPEN, GRANT)).when(GRANT).refused(AlreadyRecorded)
    PATHWAYS(history(OPEN, GRANT, PAY)).when(PAY).refused(AlreadyRecorded)
