"""The types that request bodies are written in: strict, bounded, free of control characters, with two dates on every fact."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from pydantic.functional_validators import AfterValidator

from contracts.envelope import Precision

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Between them is every day on which something can have happened to, or can be planned for, who is alive.

A day outside is a slip of the hand; and the first and the last days that a computer knows have no day before or after to count to.
"""

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _day_text(value: object) -> object:
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise ValueError("a day as YYYY-MM-DD")
    if isinstance(value, int | float):  # pydantic would read it as seconds since 1970
        raise ValueError("a day as YYYY-MM-DD")  # noqa: TRY004 - pydantic turns ValueError into an answer, TypeError into a crash
    return value


def _within_memory(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"a day from {FIRST_DAY} to {LAST_DAY}")
    return day


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("a text of one line without control characters")
    return text


def _no_control(text: str) -> str:
    if _CONTROL_BUT_BREAKS.search(text):
        raise ValueError("a text without control characters")
    return text


Day = Annotated[date, BeforeValidator(_day_text), AfterValidator(_within_memory)]
Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(_no_control)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class Body(BaseModel):
    """Any request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CommandBody(Body):
    """The body of a command: when the fact happened, and how exactly that is known. Without a day it is today, in Rome."""

    occurred_on: Annotated[Day | None, Field(description="the day on which it happened, in Italy; today if absent; never a future day")] = (
        None
    )
    precision: Annotated[Precision, Field(description="how exactly the day is known")] = Precision.DAY
