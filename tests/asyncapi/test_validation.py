"""The AsyncAPI document before the AsyncAPI project's own parser, whole and broken."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.asyncapi.parser import DOCUMENT, WANTED, install, validate

Json = dict[str, Any]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the document, with the schemas to which it refers, to be broken."""
    shutil.copytree(DOCUMENT.parent, tmp_path / "schemas")
    return tmp_path / "schemas" / DOCUMENT.name


def test_the_document_is_accepted_without_a_word() -> None:
    """I11: no error, no warning, not even a recommendation; every event of every topic is in it."""
    verdict = validate(DOCUMENT)
    events = len(list(DOCUMENT.parent.glob("*.v*.json")))

    assert verdict.accepted, verdict.printed
    assert verdict.printed.splitlines() == [f"AsyncAPI 3.1.0: {len(_channels())} channels, {events} messages"]


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda document: document.pop("info"), "error asyncapi-document-resolved at the root"),
        (lambda document: document["channels"]["intake"].update(address=7), "at channels.intake.address"),
        (lambda document: document["operations"]["intake-emits"].update(action="shout"), "at operations.intake-emits.action"),
        (lambda document: document["operations"]["intake-emits"]["channel"].update({"$ref": "#/channels/nowhere"}), "error invalid-ref"),
        (lambda document: _first_message(document)["payload"].update({"$ref": "./nowhere.json"}), "error invalid-ref"),
        (lambda document: document["components"]["messageTraits"]["envelope"]["headers"].update(type="list"), "headers.type"),
    ],
    ids=["no info", "an address of no text", "an unknown action", "a channel that is not there", "a schema that is not there", "no schema"],
)
def test_a_broken_document_is_refused(copy: Path, break_it: Callable[[Json], object], said: str) -> None:
    """I11: in a copy, one thing wrong at a time; the parser says where."""
    document: Json = json.loads(copy.read_text())
    break_it(document)
    copy.write_text(json.dumps(document))

    verdict = validate(copy)

    assert not verdict.accepted
    assert said in verdict.printed


def test_a_broken_schema_beside_the_document_is_refused(copy: Path) -> None:
    """I11: the bodies are validated with the document that refers to them."""
    schema = copy.parent / "intake.note_added.v1.json"
    schema.write_text(schema.read_text().replace('"type": "object"', '"type": "thing"'))

    verdict = validate(copy)

    assert not verdict.accepted
    assert '"payload" property must match' in verdict.printed


def test_what_is_installed_is_pinned_by_its_bytes_and_by_no_address() -> None:
    """Exact versions and hashes for every package; where they come from is the machine's own matter."""
    lock = json.loads((WANTED / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}

    assert packages["node_modules/@asyncapi/parser"]["version"] == "3.6.3"
    assert not [name for name, one in packages.items() if not one["integrity"].startswith("sha512-") or "resolved" in one]


def test_what_is_installed_is_what_the_lock_names() -> None:
    """Package by package and hash by hash; `npm ci` refuses other bytes."""
    installed = json.loads((install() / "node_modules" / ".package-lock.json").read_text())["packages"]
    wanted = json.loads((WANTED / "package-lock.json").read_text())["packages"]

    assert {name: one["integrity"] for name, one in installed.items()} == {name: one["integrity"] for name, one in wanted.items() if name}


def _channels() -> Json:
    channels: Json = json.loads(DOCUMENT.read_text())["channels"]
    return channels


def _first_message(document: Json) -> Json:
    message: Json = document["channels"]["intake"]["messages"]["intake-note_added-v1"]
    return message
