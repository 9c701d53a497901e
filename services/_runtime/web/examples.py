"""Examples of commands and their answers in a service's own document: made from the caseload, kept in a file beside the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

Examples = Mapping[str, Mapping[str, Any]]
"""Address → a body, and where it was accepted by a lived service, the status and the answer that it had."""

_JSON = "application/json"


def examples_beside(module_file: str) -> Examples:
    """Return the examples in the file `examples.json` beside a service's module."""
    found: Examples = json.loads((Path(module_file).parent / "examples.json").read_text(encoding="utf-8"))
    return found


def show(document: dict[str, Any], examples: Examples) -> None:
    """Put each example where its address is described: the body, and the answer of the status that it had."""
    for path, example in examples.items():
        described = document["paths"][path]["post"]
        described["requestBody"]["content"][_JSON]["example"] = example["body"]
        if "answer" not in example:
            continue
        answers, status = described["responses"], str(example["status"])
        # A record that is new is answered by 201, in the same form.
        answer = answers.setdefault(status, {**next(answers[each] for each in ("200", "201") if each in answers)})
        schema = answer["content"][_JSON]["schema"]
        answer["content"] = {_JSON: {"schema": schema, "example": example["answer"]}}


def with_examples(app: FastAPI, examples: Examples) -> None:
    """Make the application show these examples in its document."""
    described = app.openapi

    def document() -> dict[str, Any]:
        shown = app.openapi_schema is not None
        found = described()
        if not shown:
            show(found, {path: one for path, one in examples.items() if path in found["paths"]})
        return found

    app.openapi = document  # type: ignore[method-assign]  # the framework's documented way to replace it
