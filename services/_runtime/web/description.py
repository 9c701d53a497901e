"""The OpenAPI document, put right where the framework's default is not: problems, required headers, formats of numbers, contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from services._runtime.web.problems import KINDS, MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

CONTACT = {"name": "CIAC, lead partner of Ancora 2.0"}
_FORMATS = {"integer": "int64", "number": "double"}
_READ_STATUSES = (401, 403, 404, 422, 429, 503)
_BODY_STATUSES = (400, 413, 415)
"""What any request with a body may be answered, a search as much as a command."""
_COMMAND_STATUSES = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503)

_PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `type` is stable; `detail` says what to do; `errors`, `current_version` and `unseen` come where they help.",
    "required": ["type", "title", "status", "detail", "instance", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:ancora:problem:stale-version"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "expected": {"type": "string"}}},
        },
        "current_version": {"type": "integer", "format": "int64"},
        "unseen": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"},
                    "version": {"type": "integer", "format": "int64"},
                    "recorded_at": {"type": "string", "format": "date-time"},
                },
            },
        },
    },
}


def describe(app: FastAPI) -> None:
    """Make the application publish the corrected document at /openapi.json."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _corrected(
                get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes, contact=CONTACT)
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the framework's documented way to replace it


def _corrected(document: dict[str, Any]) -> dict[str, Any]:
    document["info"]["x-summary"] = document["info"].get("summary", document["info"]["title"])
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for default in ("HTTPValidationError", "ValidationError"):
        schemas.pop(default, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    for operation in _operations(document):
        headers = [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "header"]
        for header in headers:
            header["name"] = header["name"].title()
            header["schema"] = {"type": "string"}
        is_command = any(header["name"] == "Idempotency-Key" for header in headers)
        for header in headers if is_command else ():
            header["required"] = header["name"] == "Idempotency-Key"
        _answer_with_problems(operation, is_command=is_command)
    _give_formats(document)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _answer_with_problems(operation: dict[str, Any], *, is_command: bool) -> None:
    operation["responses"].pop("422", None)
    if "security" not in operation:
        return
    with_body = _BODY_STATUSES if "requestBody" in operation else ()
    for status in sorted({*(_COMMAND_STATUSES if is_command else _READ_STATUSES), *with_body}):
        titles = " · ".join(kind.title for kind in KINDS.values() if kind.status == status)
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(status)] = {"description": titles, "content": content}


def _give_formats(node: object) -> None:
    if isinstance(node, dict):
        kind = node.get("type")
        if isinstance(kind, str) and kind in _FORMATS:
            node.setdefault("format", _FORMATS[kind])
        for child in node.values():
            _give_formats(child)
    elif isinstance(node, list):
        for child in node:
            _give_formats(child)
