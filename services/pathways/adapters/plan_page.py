"""The page on which a plan is printed for signature: in the person's language and in Italian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.reference import consortium
from services._runtime.web.printed import Printed

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from services.pathways.domain.course import Course
    from services.pathways.domain.languages import Catalogue, Language, Languages
    from services.pathways.domain.methodology import Methodology
    from services.pathways.domain.plan_sheet import PlanSheet

_PAGE = Printed("services.pathways", "plan")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language of the page, with its words for the codes of one version of the methodology."""

    language: Language
    catalogue: Catalogue


def plan_page(sheet: PlanSheet, course: Course, methodology: Methodology, languages: Languages) -> HTMLResponse:
    """Return the page of a plan; in Italian alone where the page does not speak the plan's language, which it says."""
    names = {partner.code: partner.name for partner in consortium().partners}
    own = languages.spoken(sheet.language) or languages.italian
    return _PAGE.answer(
        sheet=sheet,
        course=course,
        organisation=names.get(course.organisation, course.organisation),
        sections=[section.code for section in methodology.plan_sections],
        own=Spoken(own, own.catalogue_of(methodology)),
        italian=Spoken(languages.italian, languages.italian.catalogue_of(methodology)),
        unspoken=sheet.language if languages.spoken(sheet.language) is None else None,
    )
