"""The methodology as data: complete, consistent, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from contracts.pathway_values import Dimension
from contracts.pathways import NeedsAssessed
from services.pathways.adapters.methodology_files import read_methodologies
from services.pathways.domain.methodology import IndicatorDomain, Methodology, Wording, check_comparable
from services.pathways.domain.refusals import NotInMethodology
from tests.unit.pathways.cases import METHODOLOGIES, NEEDS, OPEN, PATHWAYS, an_id, history

if TYPE_CHECKING:
    from pathlib import Path

CURRENT = METHODOLOGIES[METHODOLOGIES.current]
EVERY_VERSION = pytest.mark.parametrize("version", METHODOLOGIES.versions)


@EVERY_VERSION
def test_the_areas_cover_the_three_dimensions_and_the_fourteen_domains(version: str) -> None:
    """Each domain of Indicators of Integration has its area."""
    areas = METHODOLOGIES[version].areas
    assert {area.dimension for area in areas} == set(Dimension.__args__)  # type: ignore[attr-defined]  # a Literal's values
    assert sorted(area.domain for area in areas) == sorted(IndicatorDomain.__args__)  # type: ignore[attr-defined]  # as above
    assert {area.code for area in areas if area.sensitive} == {"health", "safety"}


@EVERY_VERSION
def test_every_level_of_every_area_has_its_own_anchor(version: str) -> None:
    """No anchor is said twice, in either language."""
    for language in ("it", "en"):
        anchors = [getattr(anchor, language) for area in METHODOLOGIES[version].areas for anchor in area.anchors]
        assert len(anchors) == 14 * 5
        assert len(set(anchors)) == len(anchors)


@EVERY_VERSION
def test_italian_is_not_english(version: str) -> None:
    """Every wording of a sentence is written in both languages."""
    for area in METHODOLOGIES[version].areas:
        for anchor in area.anchors:
            assert isinstance(anchor, Wording)
            assert anchor.it != anchor.en


def test_the_milestones_are_those_of_the_three_dimensions() -> None:
    """The catalogue holds what the domain names, each in its dimension."""
    found: dict[str, set[str]] = {}
    for milestone in CURRENT.milestones:
        found.setdefault(CURRENT.area(milestone.area).dimension, set()).add(milestone.code)
    assert found["housing"] == {"accommodation-found", "lease-in-own-name", "civil-registration", "stable-six-months"}
    assert {f"italian-{level}" for level in ("a1", "a2", "b1", "b2")} <= found["socio-economic"]
    assert {
        "qualification-recognised",
        "course-completed",
        "traineeship",
        "employment-contract",
        "bank-account",
        "driving-licence",
    } <= found["socio-economic"]
    assert {
        "tutor-engaged",
        "association-joined",
        "volunteering",
        "general-practitioner-chosen",
        "digital-identity-obtained",
        "school-participation",
        "peer-group",
    } <= found["socio-relational"]


def test_a_version_that_was_never_in_use_is_not_current(tmp_path: Path) -> None:
    """The wiring stops at the start, not at the first enrolment."""
    with pytest.raises(ValueError, match=r"9\.9"):
        read_methodologies(current="9.9")
    (tmp_path / "1.1").mkdir()
    (tmp_path / "1.1" / "a.toml").write_text("review_interval_days = 90")
    (tmp_path / "1.1" / "b.toml").write_text("review_interval_days = 60")
    with pytest.raises(ValueError, match="repeats review_interval_days"):
        read_methodologies(tmp_path, "1.1")


def test_a_catalogue_entry_names_an_area_that_exists_and_each_code_once() -> None:
    """A version that does not hold together is not read."""
    stray = _data()
    stray["milestones"][0]["area"] = "luck"
    with pytest.raises(ValidationError, match="unknown areas: luck"):
        Methodology.model_validate(stray)
    twice = _data()
    twice["milestones"].append(twice["milestones"][0])
    with pytest.raises(ValidationError, match="milestones hold twice"):
        Methodology.model_validate(twice)


@pytest.mark.parametrize("catalogue", ["milestones", "service_kinds"])
def test_a_dimension_does_not_tell_which_sensitive_area_is_meant(catalogue: str) -> None:
    """I6: with one sensitive area alone in a dimension, a sealed milestone would still tell its area."""
    data = _data()
    data[catalogue] = [entry for entry in data[catalogue] if entry["area"] != "safety"]
    with pytest.raises(ValidationError, match="one sensitive area only"):
        Methodology.model_validate(data)


def test_an_unknown_code_is_refused_without_repeating_it() -> None:
    """What a caller typed may be anything; the refusal says where to look instead."""
    with pytest.raises(NotInMethodology) as caught:
        CURRENT.area("Karim Diallo")
    assert "Karim" not in str(caught.value)
    assert "/methodology" in str(caught.value)


def _data() -> dict[str, Any]:
    return CURRENT.model_dump(mode="json")


def test_version_1_1_words_the_digital_scale_anew_and_gives_its_area_a_milestone() -> None:
    """Nothing else is different, so that nothing else is learnt anew."""
    before, now = METHODOLOGIES["1.0"], METHODOLOGIES["1.1"]
    assert [one.code for one, other in zip(now.areas, before.areas, strict=True) if one != other] == ["digital"]
    assert [one for one in now.milestones if one not in before.milestones] == [now.milestone("online-procedure-completed")]
    same = {"version", "areas", "milestones", "instruments"}
    assert now.model_dump(exclude=same) == before.model_dump(exclude=same)
    assert [(one.code, one.version) for one in now.instruments] == [("needs-and-resources", "1.1"), ("satisfaction", "1.0")]


def test_a_scale_that_is_worded_anew_is_another_version_of_its_instrument() -> None:
    """Distance travelled is told by instrument and version: two scales under one name would be compared without a word."""
    first, later = METHODOLOGIES["1.0"], METHODOLOGIES["1.1"]
    check_comparable((first, later))
    unchanged = later.model_copy(update={"instruments": first.instruments})
    with pytest.raises(ValueError, match=r"needs-and-resources 1\.0 asks otherwise in version 1\.1"):
        check_comparable((first, unchanged))


@pytest.mark.parametrize(("pathway", "other"), [("1.0", "1.1"), ("1.1", "1.0")])
def test_all_assessments_of_a_pathway_are_of_the_version_that_it_keeps(pathway: str, other: str) -> None:
    """From baseline to exit on one scale, whatever was published meanwhile: a distance is never between two of them."""
    opening = replace(OPEN, methodology_version=pathway)
    baseline, later = NEEDS, replace(NEEDS, assessment_id=an_id("later"), moment="follow-up")
    for before, asked in (((opening,), baseline), ((opening, replace(baseline, instrument_version=pathway)), later)):
        begun = PATHWAYS(history(*before))
        begun.when(replace(asked, instrument_version=pathway)).then_types(NeedsAssessed)
        begun.when(replace(asked, instrument_version=other)).refused(NotInMethodology)
