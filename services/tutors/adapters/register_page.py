"""The page on which an extract of the register is printed or kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contracts.reference import consortium
from contracts.tutor_codes import TutorKind
from services._runtime.web.printed import Printed

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from services.tutors.adapters.register_answers import ExtractAnswer

_PAGE = Printed("services.tutors", "register")

_KINDS: Mapping[TutorKind, tuple[str, str]] = {
    TutorKind.CITIZEN: ("cittadina o cittadino", "citizen"),
    TutorKind.GROUP: ("gruppo informale", "informal group"),
    TutorKind.ASSOCIATION: ("associazione", "association"),
}


def register_page(extract: ExtractAnswer) -> HTMLResponse:
    """Return the page of an extract: the same extract gives the same page."""
    names = {partner.code: partner.name for partner in consortium().partners}
    return _PAGE.answer(extract=extract, organisation=names.get(extract.organisation, extract.organisation), kinds=_KINDS)
