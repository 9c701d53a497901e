"""What `deploy/Dockerfile` puts into an image, read from the file itself."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from deploy.local.paths import CHECKOUT

DOCKERFILE = CHECKOUT / "deploy" / "Dockerfile"
_FROM = re.compile(r"FROM (?P<parent>\S+) AS (?P<stage>\S+)")
_COPY = re.compile(r"COPY (?!--from)(?P<sources>.+) (?P<destination>\S+)")


def copied(stage: str, **arguments: str) -> list[tuple[str, str]]:
    """Return what a stage and those it stands on copy from the checkout, as (source, destination), build arguments put in."""
    parents: dict[str, str] = {}
    copies: dict[str, list[tuple[str, str]]] = {}
    current = ""
    for line in DOCKERFILE.read_text(encoding="utf-8").splitlines():
        if begins := _FROM.fullmatch(line):
            current = begins["stage"]
            parents[current], copies[current] = begins["parent"], []
        elif copy := _COPY.fullmatch(line):
            copies[current] += [(source, copy["destination"]) for source in copy["sources"].split()]
    found: list[tuple[str, str]] = []
    while stage in copies:
        found = [*copies[stage], *found]
        stage = parents[stage]
    return [(_filled(source, arguments), _filled(destination, arguments)) for source, destination in found]


def lay_out(folder: Path, stage: str, **arguments: str) -> Path:
    """Copy into a folder what an image's working directory holds; return the folder."""
    for source, destination in copied(stage, **arguments):
        whole, place = CHECKOUT / source, folder / destination
        if whole.is_dir():
            shutil.copytree(whole, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(whole, place)
    return folder


def _filled(text: str, arguments: dict[str, str]) -> str:
    for name, value in arguments.items():
        text = text.replace(f"${{{name}}}", value)
    return text
