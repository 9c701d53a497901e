"""`make sbom`: what the images hold of others, as a CycloneDX document, from the lock they are installed from: deploy/sbom.cdx.json.

It says name, version and licence of each library and which need which, as the installed distributions say themselves. It has neither
time nor registry in it: the same lock gives the same bytes, wherever it was resolved.
"""

from __future__ import annotations

import hashlib
import json
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "deploy" / "requirements.lock"
DOCUMENT = ROOT / "deploy" / "sbom.cdx.json"

_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def locked() -> dict[str, str]:
    """Return the version of each library that the images install."""
    return {canonicalize_name(name): version for name, version in _ENTRY.findall(LOCK.read_text(encoding="utf-8"))}


def document() -> dict[str, Any]:
    """Return the document that belongs to the lock as it is."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, f"urn:ancora:lock:{digest}"))
    ancora = Component(name="ancora", type=ComponentType.APPLICATION, bom_ref="ancora")
    ancora.properties.add(Property(name="ancora:lock:sha256", value=digest))
    bom.metadata.component = ancora
    components = {name: _component(name, version) for name, version in locked().items()}
    bom.components.update(components.values())
    for name, component in components.items():
        bom.register_dependency(component, [components[needed] for needed in sorted(_needs(name)) if needed in components])
    bom.register_dependency(ancora, components.values())
    made: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    del made["metadata"]["timestamp"]
    return made


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _component(name: str, version: str) -> Component:
    purl = PackageURL("pypi", name=name, version=version)
    component = Component(name=name, version=version, type=ComponentType.LIBRARY, purl=purl, bom_ref=purl.to_string())
    installed = _installed(name)
    if installed is None:
        return component
    if expressions := installed.metadata.get_all("License-Expression"):
        component.licenses.add(LicenseExpression(expressions[0]))
    elif names := _licences(installed):
        component.licenses.update(DisjunctiveLicense(name=licence) for licence in names)
    return component


def _licences(installed: Distribution) -> list[str]:
    told = [line.rpartition(" :: ")[2] for line in installed.metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    return told or [plain for plain in installed.metadata.get_all("License") or [] if "\n" not in plain]


def _needs(name: str) -> set[str]:
    installed = _installed(name)
    wanted = [Requirement(line) for line in (installed.requires if installed else None) or []]
    return {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})}


def _installed(name: str) -> Distribution | None:
    """Return what is installed of it; None where this machine's Python does not need it."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
