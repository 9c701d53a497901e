"""The languages of the printed plan: each says everything, or the service does not start."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from contracts.pathway_values import Responsible
from services.pathways.adapters.language_files import FOLDER, read_languages
from services.pathways.domain.languages import Labels, Language, Responsibles
from services.pathways.domain.methodology import Methodologies
from tests.unit.pathways.cases import METHODOLOGIES

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = read_languages(METHODOLOGIES)
SCRIPTS = {"ar": "ARABIC", "ur": "ARABIC", "ti": "ETHIOPIC", "fr": "LATIN", "it": "LATIN", "en": "LATIN"}


def copied(tmp_path: Path, of: str = "ti", **replaced: str) -> Path:
    """Return a folder with all languages, in one of which lines that begin so are replaced."""
    for path in FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == of:
            for begin, by in replaced.items():
                text, found = re.subn(rf"^{begin} = .*$", by, text, count=1, flags=re.MULTILINE)
                assert found
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_six_languages_are_there_and_read_their_way() -> None:
    """Arabic and Urdu from right to left, Tigrinya from left to right."""
    assert {code: one.direction for code, one in LANGUAGES.each.items()} == {
        "it": "ltr",
        "en": "ltr",
        "fr": "ltr",
        "ti": "ltr",
        "ar": "rtl",
        "ur": "rtl",
    }
    assert not any(one.confirmed for code, one in LANGUAGES.each.items() if code not in ("it", "en"))


def test_every_code_of_every_version_is_said_in_every_language_and_in_its_script() -> None:
    """I11: no label is empty, none is left in another language's script; levels such as A1 are the same everywhere."""
    for language in LANGUAGES.each.values():
        for methodology in METHODOLOGIES.versions.values():
            said = language.catalogue_of(methodology)
            words = [
                *language.labels.model_dump().values(),
                *language.responsibles.model_dump().values(),
                *said.sections.values(),
                *said.dimensions.values(),
                *said.areas.values(),
                *said.situations.values(),
                *(word for area, values in said.values.items() if area != "language" for word in values.values()),
            ]
            for word in words:
                assert any(SCRIPTS[language.code] in unicodedata.name(each) for each in word), (language.code, word)
    assert set(Responsibles.model_fields) == set(Responsible.__args__)  # type: ignore[attr-defined]  # a Literal's values


def test_no_language_repeats_anothers_words() -> None:
    """What was copied and never translated would be two languages' label."""
    for name in Labels.model_fields:
        long = [word for one in LANGUAGES.each.values() if len(word := getattr(one.labels, name)) > 20]
        assert len(set(long)) == len(long), name


def test_a_language_is_found_by_its_tag_whatever_its_region() -> None:
    """`fr-CI` reads French; what the page does not speak is not guessed."""
    found = [LANGUAGES.spoken(tag) for tag in ("fr-CI", "AR", "so", None)]
    assert [None if one is None else one.code for one in found] == ["fr", "ar", None, None]


@pytest.mark.parametrize(("label", "by"), [("title", ""), ("title", 'title = ""'), ("title", 'title = " "'), ("person", 'persona = "x"')])
def test_a_language_that_lacks_a_label_stops_the_service(tmp_path: Path, label: str, by: str) -> None:
    """An empty label on a paper that somebody signs is found at the start, not at the printer."""
    with pytest.raises(ValidationError, match=label):
        read_languages(METHODOLOGIES, copied(tmp_path, **{label: by}))


def test_a_language_that_lacks_a_word_of_a_catalogue_stops_the_service(tmp_path: Path) -> None:
    """Also where the version is not the current one: its pathways are printed too."""
    with pytest.raises(ValueError, match=r"ti does not say, of version 1\.0: areas\.digital"):
        read_languages(METHODOLOGIES, copied(tmp_path, digital=""))


def test_a_version_whose_sections_the_page_cannot_fill_stops_the_service() -> None:
    """A section that is left out of the paper is not agreed to."""
    plain = METHODOLOGIES["1.0"]
    other = plain.plan_sections[0].model_copy(update={"code": "dreams"})
    odd = plain.model_copy(update={"plan_sections": (*plain.plan_sections, other)})
    with pytest.raises(ValueError, match="dreams"):
        read_languages(Methodologies("1.0", {"1.0": odd}))


def test_a_folder_that_misnames_a_language_or_has_no_italian_is_refused(tmp_path: Path) -> None:
    """The office signs in Italian."""
    copied(tmp_path)
    (tmp_path / "it.toml").unlink()
    with pytest.raises(ValueError, match="Italian"):
        read_languages(METHODOLOGIES, tmp_path)
    (tmp_path / "so.toml").write_text((FOLDER / "it.toml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ValueError, match="so"):
        read_languages(METHODOLOGIES, tmp_path)


def test_italian_and_english_speak_as_the_version_does() -> None:
    """A label that a later version words anew is on its own pathways' papers only."""
    plain = METHODOLOGIES["1.0"]
    italian: Language = LANGUAGES.italian
    assert italian.catalogue_of(plain).areas == {area.code: area.label.it for area in plain.areas}
    assert LANGUAGES.each["en"].catalogue_of(plain).areas == {area.code: area.label.en for area in plain.areas}
