"""A person leaves, or goes to another organisation, and three services follow: each rule across them, told in so many words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.pathways.domain.pathway import Closed, Open
from services.tutors.app.deciders import ASSIGNMENT, REQUEST
from services.tutors.app.process_managers import request_id_of
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.tutor_request_state import Open as Wanted
from services.tutors.domain.tutor_request_state import Withdrawn
from tests.unit.across.test_any_care import PERSONS, Care
from tests.unit.pathways.cases import PATHWAY

if TYPE_CHECKING:
    from collections.abc import Iterator

WITH_A_TUTOR, WITHOUT = PERSONS


@pytest.fixture
def care() -> Iterator[Care]:
    """Have two persons in care with CIAC, beside one of whom a tutor stands."""
    lived = Care()
    with lived._runner:
        lived.people_begin(wants_tutor=True)
        lived.everything_arrives()
        yield lived


def test_an_exit_closes_the_pathway(care: Care) -> None:
    care.leaves(WITHOUT, None)
    care.everything_arrives()
    assert isinstance(care._state("pathways", PATHWAY, care._pathway(WITHOUT, 0)), Closed)


def test_an_exit_ends_what_tutors_hold(care: Care) -> None:
    care.leaves(WITH_A_TUTOR, None)
    care.everything_arrives()
    assert isinstance(care._state("tutors", ASSIGNMENT, care.assignments[0]), Ended)


def test_a_transfer_is_followed_by_the_pathway(care: Care) -> None:
    care.is_transferred(WITHOUT, "cidas", moves=True, answer="accept")
    care.everything_arrives()
    pathway = care._state("pathways", PATHWAY, care._pathway(WITHOUT, 0))
    assert isinstance(pathway, Open)
    assert pathway.course.organisation == "cidas"


def test_a_transfer_within_the_province_is_followed_by_request_and_assignment(care: Care) -> None:
    """The tutor stays beside the person; that the request follows, all agree on."""
    care.is_transferred(WITH_A_TUTOR, "k-pax", moves=False, answer="accept")
    care.everything_arrives()
    assignment = care._state("tutors", ASSIGNMENT, care.assignments[0])
    assert isinstance(assignment, Running)
    assert assignment.support.organisation == "k-pax"


def test_a_pathway_hears_that_its_tutor_stays_behind(care: Care) -> None:
    """A transfer to another province ends the assignment, and the pathway names that tutor no longer."""
    care.is_transferred(WITH_A_TUTOR, "cidas", moves=True, answer="accept")
    care.everything_arrives()
    pathway = care._state("pathways", PATHWAY, care._pathway(WITH_A_TUTOR, 0))
    assert isinstance(pathway, Open)
    assert [one.ended for one in pathway.course.assignments.values()] == [True]


def test_where_another_record_goes_on_the_pathway_takes_no_plan_until_they_are_split(care: Care) -> None:
    """Neither a plan nor, with it, a wish for a tutor. DHIS2 Tracker refuses to merge two of one programme: here one rests."""
    pathway = care._pathway(WITHOUT, 0)
    care.are_found_to_be_one(WITH_A_TUTOR, split=False)
    care.everything_arrives()
    care.a_plan_is_agreed(WITHOUT, 0, wants_tutor=True)
    assert care._state("pathways", PATHWAY, pathway).course.running_plan is None
    care.are_found_to_be_one(WITH_A_TUTOR, split=True)
    care.everything_arrives()
    care.a_plan_is_agreed(WITHOUT, 0, wants_tutor=True)
    assert care._state("pathways", PATHWAY, pathway).course.running_plan is not None


def test_where_another_record_goes_on_no_tutor_is_sought_until_they_are_split(care: Care) -> None:
    """Also where the plan that wants one was agreed before pathways heard of the other record."""
    request = request_id_of(care._pathway(WITHOUT, 0))
    care.are_found_to_be_one(WITH_A_TUTOR, split=False)
    care.a_plan_is_agreed(WITHOUT, 0, wants_tutor=True)
    care.everything_arrives()
    assert isinstance(care._state("tutors", REQUEST, request), Withdrawn)
    care.are_found_to_be_one(WITH_A_TUTOR, split=True)
    care.everything_arrives()
    assert isinstance(care._state("tutors", REQUEST, request), Wanted)


def test_where_another_record_goes_on_a_tutor_stays_beside_the_person(care: Care) -> None:
    """Until people end it; that the pathway goes on naming them, all agree on."""
    care.are_found_to_be_one(WITHOUT, split=False)
    care.everything_arrives()
    assert isinstance(care._state("tutors", ASSIGNMENT, care.assignments[0]), Running)
