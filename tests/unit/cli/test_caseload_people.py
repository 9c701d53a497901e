"""The people of the demonstration: their codes pass the services' own checks, and can be nobody's; so can nothing else about them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.cli.caseload import catalogue
from services.cli.caseload.places import places, shared_out
from services.cli.caseload.planning import plan
from services.cli.caseload.tax_codes import NO_PLACES, provisional
from services.intake.domain.tax_code import TaxCodeKind, read_tax_code
from services.pathways.adapters.methodology_files import read_methodologies


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in plan(2020, 420).commands]


def test_every_tax_code_passes_intakes_check_and_names_a_place_or_an_office_that_does_not_exist(bodies: list[dict[str, Any]]) -> None:
    codes = [read_tax_code(body["tax_code"]) for body in bodies if body.get("tax_code")]
    assert {code.kind for code in codes} == set(TaxCodeKind)
    for code in codes:
        nowhere = code.text[11] in NO_PLACES if code.kind is TaxCodeKind.DEFINITIVE else code.text[7:10] == "000"
        assert nowhere


def test_provisional_codes_of_all_serials_have_a_check_digit_that_fits() -> None:
    assert len({read_tax_code(provisional(serial)).text for serial in range(500)}) == 500


def test_people_are_plainly_invented(bodies: list[dict[str, Any]]) -> None:
    identities = [body["identity"] for body in bodies if "identity" in body]
    assert len(identities) > 420
    assert all(identity["family_name"].startswith("Demo ") for identity in identities)
    contacts = [body["contact"] for body in bodies if "contact" in body]
    assert all(contact.get("email", ".example").endswith(".example") for contact in contacts)
    assert all(contact.get("phone", "+39 000 ").startswith("+39 000 ") for contact in contacts)
    assert sum("email" in contact and "phone" in contact for contact in contacts) > 420
    assert all("Demo" in body["name"] for body in bodies if "name" in body)


def test_the_stories_speak_in_codes_of_the_methodology() -> None:
    methodologies = read_methodologies()
    for version, milestones in catalogue.NEW_MILESTONES.items():
        assert all(methodologies[version].milestone(code) for code in milestones)
    methodology = methodologies["1.0"]
    dimensions = {area.code: area.dimension for area in methodology.areas}
    assert {area: dimension for dimension, areas in catalogue.AREAS.items() for area in areas} == dimensions
    assert set(catalogue.GOALS) == set(dimensions)
    for dimension, codes in catalogue.MILESTONES.items():
        assert {dimensions[methodology.milestone(code).area] for code in codes} == {dimension}
    for area, values in catalogue.SITUATIONS.items():
        for value in values:
            methodology.check_situation(area, value)
    assert set(catalogue.SITUATIONS) == {situation.code for situation in methodology.situations}
    assert all(methodology.service_kind(code) for code in catalogue.SERVICES)
    assert all(methodology.support_kind(code) for code in catalogue.SUPPORT)
    assert all(methodology.network_kind(kind).connection == connection for connection, kinds in catalogue.TIES.items() for kind in kinds)


def test_shares_are_whole_and_add_up() -> None:
    assert shared_out(10, [1.0, 1.0, 1.0]) == [4, 3, 3]
    assert shared_out(0, [1.0, 2.0]) == [0, 0]
    for persons in (1, 8, 420, 1000):
        assert sum(place.persons for place in places(persons)) == persons
        assert all(place.admitted <= place.persons for place in places(persons))
