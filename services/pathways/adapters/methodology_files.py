"""Reads every version of the methodology from its folder of TOML files; their content is checked as it is parsed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from services.pathways.domain.methodology import Methodologies, Methodology

FOLDER = Path(__file__).parent.parent / "methodology"
CURRENT = "1.0"
"""The version under which new pathways open; earlier ones stay in the folder for the pathways that keep them."""


def read_methodologies(folder: Path = FOLDER, current: str = CURRENT) -> Methodologies:
    """Return all versions under `folder`; raises pydantic's `ValidationError` or `ValueError` for one that does not hold together."""
    versions = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    if current not in versions:
        raise ValueError(f"version {current} of the methodology is not in {folder.name}")
    return Methodologies(current, versions)


def _read(folder: Path) -> Methodology:
    tables: dict[str, Any] = {"version": folder.name}
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            content = tomllib.load(file)
        if twice := tables.keys() & content.keys():
            raise ValueError(f"{path.name} repeats {', '.join(sorted(twice))}")
        tables |= content
    return Methodology.model_validate(tables)
