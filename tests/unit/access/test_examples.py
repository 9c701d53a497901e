"""The examples in the services' own documents: each is accepted, each answer is of the form that the document gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from services._runtime.access.roles import Role
from services._runtime.ids import new_id
from services.cli.services import services
from tests.examples.by_hand import BY_HAND
from tests.unit.access.test_every_endpoint import OPENING, OURS, Walked

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLD = ("intake", "pathways", "tutors")
_NOT_OF_ONE_SERVICE = "/parked/"
_FORM = ("malformed-json", "validation", "media-type")


def posts(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each address that takes a JSON body, its description, and that of the body."""
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" in content and not path.startswith(_NOT_OF_ONE_SERVICE):
            yield path, operations["post"], content["application/json"]


def wrong(value: object, schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Return where a value is not as its schema in the document says."""
    checked = Draft202012Validator({**schema, "components": document["components"]})
    return [error.json_path for error in checked.iter_errors(value)]


@pytest.mark.parametrize("name", TOLD)
def test_every_command_has_an_example_that_is_of_its_form_and_so_has_its_answer(name: str) -> None:
    """From the document alone, as whoever reads it does."""
    document = Walked(name).document
    for path, described, body in posts(document):
        assert "example" in body, f"{path}: add it to tests/examples/by_hand.py, or to the caseload"
        assert wrong(body["example"], body["schema"], document) == [], path
        answers = [answer["content"]["application/json"] for status, answer in described["responses"].items() if status in ("200", "201")]
        shown = [answer for answer in answers if "example" in answer]
        assert len(shown) == 1 or path in BY_HAND.get(name, {}), path
        for answer in shown:
            assert wrong(answer["example"], answer["schema"], document) == [], path


@pytest.mark.parametrize("name", TOLD)
async def test_every_example_is_accepted_or_refused_by_a_rule_and_never_for_its_form(name: str) -> None:
    """Sent to the service as the document shows it, on a record that has just begun: what is refused is refused by its decider."""
    walked = Walked(name)
    for endpoint in walked.service.endpoints():
        described = {path: body for path, _, body in posts(walked.document)}.get(endpoint.route.path)
        if endpoint.method != "POST" or described is None:
            continue
        parameter = endpoint.route.path.partition("{")[2].partition("}")[0]
        at = await walked.put(parameter, OURS) if parameter in OPENING else new_id()
        for role in Role:
            answer = await walked.call(endpoint, role, at)
            code = "" if answer.is_success else answer.json()["type"].rpartition(":")[2]
            assert answer.status_code < 500, (endpoint.name, answer.text)
            assert code not in _FORM, (endpoint.name, answer.text)


def test_whatever_a_service_shows_is_of_an_address_that_it_has() -> None:
    """An endpoint that goes takes its example with it."""
    for name, service in services().items():
        assert set(service.examples) <= set(Walked(name).document["paths"]), name
