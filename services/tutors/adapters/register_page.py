"""The page on which an extract of the register is printed or kept: it carries its style with it, and loads and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from contracts.reference import consortium
from contracts.tutor_codes import TutorKind

if TYPE_CHECKING:
    from services.tutors.adapters.register_answers import ExtractAnswer

_PACKAGE = "services.tutors"
_TEMPLATES = Environment(loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_STYLE = _TEMPLATES.get_template("register.css").render()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the browser may do with the page: apply this one style, which is known by its hash, and nothing else."""

_KINDS: Mapping[TutorKind, tuple[str, str]] = {
    TutorKind.CITIZEN: ("cittadina o cittadino", "citizen"),
    TutorKind.GROUP: ("gruppo informale", "informal group"),
    TutorKind.ASSOCIATION: ("associazione", "association"),
}


def register_page(extract: ExtractAnswer) -> str:
    """Return the page of an extract: the same extract gives the same page."""
    names = {partner.code: partner.name for partner in consortium().partners}
    return _TEMPLATES.get_template("register.html").render(
        extract=extract,
        organisation=names.get(extract.organisation, extract.organisation),
        kinds=_KINDS,
        day=_day,
    )


def _day(day: date | None) -> str:
    """Return a day as it is written in Italy; nothing where there is none."""
    return "" if day is None else f"{day.day:02}/{day.month:02}/{day.year}"
