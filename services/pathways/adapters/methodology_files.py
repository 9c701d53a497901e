"""Reads every version of the methodology from its folder of TOML files; their content is checked as it is parsed."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.pathways.app.methodologies import Governance
from services.pathways.domain.methodology import Methodologies, Methodology, check_comparable
from services.pathways.domain.methodology_version import Quorum

FOLDER = Path(__file__).parent.parent / "methodology"
CURRENT = "1.0"
"""The version in use from the first day; later ones are used once they are published, and all stay for the pathways that keep them."""


def read_methodologies(folder: Path = FOLDER, current: str = CURRENT) -> Methodologies:
    """Return all versions under `folder`; raises pydantic's `ValidationError` or `ValueError` for one that does not hold together."""
    versions = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    if current not in versions:
        raise ValueError(f"version {current} of the methodology is not in {folder.name}")
    check_comparable(versions.values())
    return Methodologies(current, versions)


def read_governance(folder: Path = FOLDER) -> Governance:
    """Return how versions come into use, and the hash of each version's files: their names and bytes, in order."""
    with (folder / "governance.toml").open("rb") as file:
        content = tomllib.load(file)
    quorums = {one.pop("since"): Quorum(**one) for one in content["quorums"]}
    hashes = {path.name: _hash(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    return Governance(content["founding"]["version"], content["founding"]["effective_from"], hashes, quorums)


def _hash(folder: Path) -> str:
    found = sha256()
    for path in sorted(folder.glob("*.toml")):
        found.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _read(folder: Path) -> Methodology:
    tables: dict[str, Any] = {"version": folder.name}
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            content = tomllib.load(file)
        if twice := tables.keys() & content.keys():
            raise ValueError(f"{path.name} repeats {', '.join(sorted(twice))}")
        tables |= content
    return Methodology.model_validate(tables)
