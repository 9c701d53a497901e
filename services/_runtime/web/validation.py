"""What is wrong with a request's form: field paths and what is expected there, never the values that came."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

_EXPECTED: dict[str, str] = {
    "missing": "a value: the field is required",
    "extra_forbidden": "no such field",
    "none_required": "null",
    "string_type": "a text",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "string_unicode": "a text of valid Unicode",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "uuid_type": "a UUID",
    "uuid_parsing": "a UUID",
    "uuid_version": "a UUID of version {expected_version}",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "too_short": "at least {min_length} items",
    "too_long": "at most {max_length} items",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
"""What is expected, by pydantic's type of error; the limits named in it are the contract's, not the caller's."""

_DAYS = ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact")
_EXPECTED.update(dict.fromkeys(_DAYS, "a day as YYYY-MM-DD"))
_EXPECTED.update(dict.fromkeys(("datetime_type", "datetime_parsing", "timezone_aware"), "a moment as RFC 3339, with its offset"))


def problem_of_form(errors: Sequence[Mapping[str, Any]], *, json_sent: bool) -> Problem:
    """Return the problem for a request that failed validation; `json_sent` tells whether its media type is JSON."""
    if any(error["type"] == "json_invalid" for error in errors):
        return Problem("malformed-json", "Send the body as UTF-8 JSON; check quotes, commas and brackets.")
    if not json_sent and any(error["loc"] == ("body",) and error["type"] != "missing" for error in errors):
        return Problem("media-type", "Send the body as JSON, with Content-Type: application/json.")
    return invalid_fields({_path(error["loc"]): _expected(error) for error in errors})


def invalid_fields(expected: Mapping[str, str]) -> Problem:
    """Return the problem for these field paths, each with what is expected there."""
    listed = [{"field": field, "expected": what} for field, what in expected.items()]
    return Problem("validation", "Correct the fields listed in `errors`; /openapi.json describes every field.", errors=listed)


def _path(location: Sequence[str | int]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part if _FIELD.fullmatch(part) else '…'}" for part in location)
    return "".join(parts).removeprefix(".")


def _expected(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":  # raised by our own validators, whose texts hold no values
        return str(context["error"])
    return _EXPECTED.get(error["type"], "a valid value").format_map(_Limits(context))


class _Limits(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
