"""The page's words and its vendored parts."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from contracts.event import published_events
from contracts.reference import Consortium, consortium
from contracts.topics import SERVICES
from services import reporting
from services.reporting.adapters.cartogram import PLACES
from services.reporting.adapters.labels import LABELS
from services.reporting.adapters.words import PROVINCES, Words, preferred

VENDOR = Path(reporting.__path__[0]) / "static" / "vendor"
REFERENCE = Path(__file__).parents[3] / "contracts" / "reference" / "consortium.yaml"


def test_every_published_event_has_a_name_in_both_languages() -> None:
    contracts = Path(import_module("contracts").__path__[0])
    for service in SERVICES:
        if (contracts / f"{service}.py").exists():
            import_module(f"contracts.{service}")
    ours = {event.type_name for event in published_events() if event.type_name.partition(".")[0] in SERVICES}
    assert ours - LABELS.keys() == set()
    assert all(italian and english for italian, english in LABELS.values())


def test_the_reference_data_that_is_read_is_the_reference_data_that_is_commented() -> None:
    written = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    assert Consortium.model_validate(written) == consortium()


def test_every_known_province_has_a_name_and_a_place_of_its_own() -> None:
    assert PROVINCES.keys() == consortium().provinces.keys() == PLACES.keys()
    assert len(set(PLACES.values())) == len(PLACES)
    assert {code for region in consortium().territories.values() for code in region.provinces} == PROVINCES.keys()


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "it"),
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("en-GB,en;q=0.9,it;q=0.1", "en"),
        ("fr-FR,en;q=0.5,it;q=0.7", "it"),
        ("ti,am;q=0.8", "it"),
        ("en;q=x, *", "it"),
    ],
)
def test_the_browser_is_answered_in_the_language_it_asks_for(asked: str, language: str) -> None:
    assert preferred(asked) == language


def test_numbers_and_moments_are_written_as_each_language_does() -> None:
    moment = datetime(2021, 3, 1, 23, 30, tzinfo=UTC)
    assert (Words("it").number(21034), Words("en").number(21034)) == ("21.034", "21,034")
    assert (Words("it").moment(moment), Words("en").moment(moment)) == ("2 mar 2021, 00:30", "2 Mar 2021, 00:30")
    assert Words("it")("missing", number=1350) == "Ne mancano 1.350"


def test_vendored_files_are_those_that_are_listed() -> None:
    listed = {name: digest for digest, name in (line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines())}
    found = {path.relative_to(VENDOR).as_posix(): sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*/*") if path.is_file()}
    assert found == listed
    assert sum(path.stat().st_size for path in VENDOR.glob("*/*")) < 1_500_000
