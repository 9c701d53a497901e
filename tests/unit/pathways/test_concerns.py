"""Safeguarding concerns: raised, closed, handed over, and told to nobody whom they are not for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.pathways import PathwayClosed
from contracts.personal import DataClass
from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from services._runtime.store.sealing import clear_data
from services.pathways.domain.commands import ClosePathway, SuspendPathway
from services.pathways.domain.concerns import CloseConcern, RaiseConcern
from services.pathways.domain.pathway import Closed
from services.pathways.domain.refusals import AlreadyRecorded, ConcernClosedAlready, NotRecorded, PathwayClosedAlready
from tests.unit.pathways.cases import IDS, OPEN, PATHWAYS, an_id, history

RAISE = RaiseConcern(concern_id=an_id("concern"), kind="violence", description="she came with a bruise and would not say")
CLOSE = CloseConcern(concern_id=an_id("concern"), outcome="referred-to-services", notes="the centre against violence sees her")
OTHER = replace(RAISE, concern_id=an_id("other concern"))
EXIT = ClosePathway(outcome="withdrew", destination="unknown")


def test_a_concern_is_raised_once() -> None:
    """What is feared and why is kept with it."""
    raised = ConcernRaised(**IDS, concern_id=RAISE.concern_id, kind="violence", description=RAISE.description)
    PATHWAYS(history(OPEN)).when(RAISE).then([raised])
    PATHWAYS(history(OPEN, RAISE)).when(RAISE).refused(AlreadyRecorded)


def test_a_concern_is_closed_once_with_what_came_of_it() -> None:
    """No concern disappears, and none is closed that was never raised."""
    closed = ConcernClosed(**IDS, concern_id=CLOSE.concern_id, outcome="referred-to-services", notes=CLOSE.notes)
    PATHWAYS(history(OPEN, RAISE)).when(CLOSE).then([closed])
    PATHWAYS(history(OPEN, RAISE, CLOSE)).when(CLOSE).refused(ConcernClosedAlready)
    PATHWAYS(history(OPEN)).when(CLOSE).refused(NotRecorded)


def test_a_pathway_that_rests_takes_concerns() -> None:
    """Fear does not wait for a resumption."""
    suspended = (OPEN, SuspendPathway(reason_code="temporarily-elsewhere"))
    PATHWAYS(history(*suspended)).when(RAISE).then_types(ConcernRaised)
    PATHWAYS(history(*suspended, RAISE)).when(CLOSE).then_types(ConcernClosed)


def test_an_open_concern_does_not_hold_back_the_exit_and_is_handed_over() -> None:
    """The exit has happened; what stands open does not end in silence with it."""
    state = (
        PATHWAYS(history(OPEN, RAISE, OTHER, CLOSE))
        .when(EXIT)
        .then(
            [
                ConcernHandedOver(**IDS, concern_id=OTHER.concern_id),
                PathwayClosed(**IDS, episode=1, outcome="withdrew", destination="unknown", review_due=None),
            ]
        )
    )
    assert isinstance(state, Closed)
    assert state.course.concerns == {RAISE.concern_id: "closed", OTHER.concern_id: "handed-over"}
    PATHWAYS(history(OPEN, RAISE, EXIT)).when(CLOSE).refused(PathwayClosedAlready)


@pytest.mark.parametrize("event", history(OPEN, RAISE, CLOSE)[1:], ids=lambda event: event.type_name)
def test_nothing_of_a_concern_travels_but_that_there_is_one(event: ConcernRaised | ConcernClosed) -> None:
    """I6: kind, words and outcome are sealed, under a class that opens nothing else."""
    assert {mark.data_class for mark in event.personal_fields.values()} == {DataClass.SAFEGUARDING}
    travels = clear_data(event).decode()
    assert not [word for word in ("violence", "bruise", "referred", "centre") if word in travels]
