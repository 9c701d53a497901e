"""Whatever value is sent in whichever place: one that no record can hold is refused by its form, before anything is looked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.topics import SERVICES
from services.cli.services import services
from tests.support.endpoints import InMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.routing import APIRoute
    from pydantic.fields import FieldInfo

_FORMS = ("pattern", "format", "enum", "const")
_OPAQUE = "cursor"
"""Taken apart by `key_of`, as `test_application` tries."""

_OUTSIDE = ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31")


@pytest.mark.parametrize("service", SERVICES)
def test_every_text_in_an_address_has_a_form(service: str) -> None:
    """PostgreSQL knows no text with a NUL in it: a filter that takes any text turns one into a failure of ours."""
    document = InMemory(services()[service]).app.openapi()
    free = [
        f"{method} {path} {parameter['name']}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "header" and parameter["name"] != _OPAQUE
        for form in _alternatives(parameter["schema"], document)
        if form.get("type") == "string" and not any(one in form for one in _FORMS)
    ]
    assert free == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_day_that_is_sent_is_within_what_the_living_remember_and_plan(service: str) -> None:
    """The first and the last day that a computer knows have none before or after them: whoever counts from there fails."""
    days = [
        (f"{endpoint.name} {where}", day) for endpoint in InMemory(services()[service]).endpoints() for where, day in _days(endpoint.route)
    ]
    assert days or service == "reporting"
    taken = [f"{where}: {value}" for where, day in days for value in _OUTSIDE if _takes(day, value)]
    assert taken == []


def _alternatives(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        yield from _alternatives(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _alternatives(one, document)
    else:
        yield schema


def _days(route: APIRoute) -> Iterator[tuple[str, TypeAdapter[Any]]]:
    """Yield every field of a body or a question that takes a day, with where it stands."""
    for parameter in (*route.dependant.body_params, *route.dependant.query_params):
        yield from _days_in(_whole(parameter.field_info), parameter.name)


def _days_in(annotation: Any, where: str) -> Iterator[tuple[str, TypeAdapter[Any]]]:  # noqa: ANN401 - any type
    models = [one for one in _parts(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
    for model in models:
        for name, field in model.model_fields.items():
            yield from _days_in(_whole(field), f"{where}.{name}")
    if not models and _takes(day := TypeAdapter(annotation), "2021-03-01"):
        yield where, day


def _whole(field: FieldInfo) -> Any:  # noqa: ANN401 - any type
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any type
    yield annotation
    for one in get_args(annotation):
        yield from _parts(one)


def _takes(adapter: TypeAdapter[Any], text: str) -> bool:
    """Tell whether a text is taken, and for a day."""
    try:
        return isinstance(adapter.validate_python(text), date)
    except ValidationError:
        return False
