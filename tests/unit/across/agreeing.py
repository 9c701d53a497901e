"""What must be so once everything has arrived: pathways and tutors are of one mind with intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.intake.app.deciders import PERSON
from services.intake.domain.person import InCare
from services.pathways.app.process_managers import pathway_id_of
from services.pathways.domain.pathway import Closed, NotOpened
from services.tutors.app.deciders import ASSIGNMENT, REQUEST
from services.tutors.app.process_managers import request_id_of
from services.tutors.domain.assignment_state import Running
from services.tutors.domain.tutor_request_state import Met, NotRequested, Unasked, Withdrawn
from tests.unit.pathways.cases import PATHWAY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from tests.unit.across.three_services import ThreeServices


async def agree_on(services: ThreeServices, person: UUID, assignments: Iterable[UUID]) -> None:
    """Demand that who is responsible, whether care runs, who stands beside the person and which record goes on is as intake has it."""
    state = (await services.state("intake", PERSON, person)).held
    record, in_care = state.record, isinstance(state, InCare)
    support = [await services.state("tutors", ASSIGNMENT, each) for each in assignments]
    theirs = [one.support for one in support if isinstance(one, Running) and one.support.beneficiary_id == person]
    assert len(theirs) <= 1
    assert all(one.organisation == record.organisation and one.episode == record.episode and in_care for one in theirs)
    goes_on_under = record.duplicates.survivor(person)
    for episode in range(1, record.episode + 1):
        runs = in_care and episode == record.episode
        pathway = await services.state("pathways", PATHWAY, pathway_id_of(person, episode))
        assert not isinstance(pathway, NotOpened)
        assert isinstance(pathway, Closed) == (not runs)
        assert pathway.course.organisation == record.organisation
        assert pathway.course.goes_on_under == goes_on_under
        beside = {key for key, one in pathway.course.assignments.items() if not one.ended}
        assert beside == {one.assignment_id for one in theirs if one.episode == episode}
        request = await services.state("tutors", REQUEST, request_id_of(pathway_id_of(person, episode)))
        assert goes_on_under is None or isinstance(request, Unasked | Met | Withdrawn)
        if not isinstance(request, NotRequested):
            assert request.wish.goes_on_under == goes_on_under
            assert request.wish.organisation == record.organisation
            assert runs or isinstance(request, Withdrawn | Unasked)
