"""Reads the languages in which plans are printed from their TOML files; one that lacks a word stops the service at its start."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from services.pathways.domain.languages import Language, Languages

if TYPE_CHECKING:
    from services.pathways.domain.methodology import Methodologies

FOLDER = Path(__file__).parent.parent / "languages"


def read_languages(methodologies: Methodologies, folder: Path = FOLDER) -> Languages:
    """Return all languages under `folder`; raises pydantic's `ValidationError` or `ValueError` for one that lacks a word."""
    found = {path.stem: Language.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml"))}
    if wrong := [stem for stem, language in found.items() if language.code != stem]:
        raise ValueError(f"files of languages are named by their code: {', '.join(wrong)}")
    if "it" not in found:
        raise ValueError("plans are signed in Italian, and its words are not here")
    languages = Languages(found)
    languages.check(methodologies.versions.values())
    return languages
