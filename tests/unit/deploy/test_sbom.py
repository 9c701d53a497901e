"""The list of what the images hold of others is that of the lock, whole, valid, and without a word of where it was fetched."""

from __future__ import annotations

import json
import re

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.local.paths import CHECKOUT
from tests.sbom.generate import DOCUMENT, document, locked
from tests.unit.deploy.images import copied

COMMITTED = json.loads(DOCUMENT.read_text(encoding="utf-8"))


def test_every_library_of_the_lock_is_listed_with_its_version_and_nothing_else() -> None:
    """`make lock` makes both; whoever changes one without the other fails here."""
    listed = {component["name"]: component["version"] for component in COMMITTED["components"]}
    assert listed == locked()
    assert len(listed) > 50
    assert {component["purl"] for component in COMMITTED["components"]} == {
        f"pkg:pypi/{name}@{version}" for name, version in listed.items()
    }


def test_the_list_belongs_to_the_lock_as_it_is() -> None:
    """Its number and the lock's hash are those of the lock's bytes."""
    made = document()
    assert (COMMITTED["serialNumber"], COMMITTED["metadata"]) == (made["serialNumber"], made["metadata"])


def test_nearly_every_library_names_its_licence() -> None:
    """Those that do not are looked at by a person: they publish none in their metadata."""
    silent = {component["name"] for component in COMMITTED["components"] if not component.get("licenses")}
    assert silent <= {"cedarpy", "colorama"}


def test_it_is_valid_and_names_no_registry_and_no_moment() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert re.findall(r"https?://(?!cyclonedx\.org)[^\"]*", text) == []
    assert "timestamp" not in text


def test_every_image_holds_it() -> None:
    """Who has an image has the list of what is in it."""
    for stage in ("service", "setup", "issuer"):
        assert str(DOCUMENT.relative_to(CHECKOUT)) in {source for source, _ in copied(stage, SERVICE="intake")}, stage
