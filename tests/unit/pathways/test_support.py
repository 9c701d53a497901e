"""Services and material support."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.budget import SupportReturned
from contracts.pathway_values import Reserved
from contracts.pathways import ServiceDelivered, SupportGranted, SupportPaid
from services.pathways.domain.pathway import Open
from services.pathways.domain.refusals import AlreadyRecorded, GrantExceeded, GrantOfAnother, NotInMethodology, NotRecorded, ReturnExceeded
from services.pathways.domain.support import decide_support
from services.pathways.domain.support_commands import DeliverService, GrantSupport, PaySupport, ReturnSupport
from tests.unit.pathways.cases import IDS, METHODOLOGIES, OPEN, PATHWAYS, an_id, history

COURSE = DeliverService(
    service_id=an_id("course"), kind="language-course", minutes=90, mediated=False, programme="ancora-2.0", notes="first lesson"
)
GRANT = GrantSupport(grant_id=an_id("grant"), kind="rent-deposit", amount_cents=90_000, budget_line="b-2", programme="ancora-2.0")
PAY = PaySupport(payment_id=an_id("pay"), grant_id=an_id("grant"), amount_cents=60_000)
BACK = ReturnSupport(return_id=an_id("back"), grant_id=an_id("grant"), amount_cents=60_000)
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


def test_support_comes_back_up_to_what_was_paid() -> None:
    """Part by part, with the grant's kind and line; what came back is not paid out again on the same grant."""
    PATHWAYS(history(OPEN, GRANT, PAY)).when(BACK).then(
        [
            SupportReturned(
                **IDS,
                return_id=an_id("back"),
                grant_id=an_id("grant"),
                kind="rent-deposit",
                amount_cents=60_000,
                budget_line="b-2",
                programme="ancora-2.0",
            )
        ]
    )
    PATHWAYS(history(OPEN, GRANT, PAY)).when(replace(BACK, amount_cents=60_001)).refused(ReturnExceeded)
    again = replace(BACK, return_id=an_id("back again"), amount_cents=1)
    PATHWAYS(history(OPEN, GRANT, PAY, BACK)).when(again).refused(ReturnExceeded)
    PATHWAYS(history(OPEN, GRANT, PAY, BACK)).when(BACK).refused(AlreadyRecorded)
    PATHWAYS(OPENED).when(BACK).refused(NotRecorded)
    more = replace(PAY, payment_id=an_id("more"), amount_cents=30_001)
    PATHWAYS(history(OPEN, GRANT, PAY, BACK)).when(more).refused(GrantExceeded)


@pytest.mark.parametrize("command", [replace(PAY, payment_id=an_id("theirs"), amount_cents=1), BACK])
def test_whoever_receives_the_person_pays_no_grant_of_the_organisation_before(command: PaySupport | ReturnSupport) -> None:
    """Each accounts for what it granted, on its own line."""
    state = PATHWAYS(history(OPEN, GRANT, PAY)).state()
    assert isinstance(state, Open)
    handed_over = replace(state.course, organisation="another")
    with pytest.raises(GrantOfAnother):
        decide_support(command, handed_over, METHODOLOGIES["1.0"])
