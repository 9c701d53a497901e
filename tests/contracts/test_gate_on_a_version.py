"""What the gate says of one version: given an event as published, when its class is changed in place, then who would not survive."""

from __future__ import annotations

import random
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from contracts.describing import Json, wire_schema
from contracts.gate.shape import fingerprint
from contracts.gate.version import breaks
from tests.contracts.changes import CHANGES, NOTES, Kind, published
from tests.contracts.mutations import changed_somewhere, rewritten
from tests.contracts.publishing import EVENTS, ROOT

_SCHEMAS = [wire_schema(event) for event in EVENTS]


@pytest.mark.parametrize(("was", "now", "sentence"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_change_in_place_is_refused_in_words(was: dict[str, Any], now: dict[str, Any], sentence: str) -> None:
    """I11: each kind of change has its sentence, which says who would not survive."""
    found = breaks(published(**was), published(**now))

    assert any(sentence in reason for reason in found), found


def test_a_renamed_field_is_told_once() -> None:
    """Not as one removed and one added, of which only the first would be read."""
    assert len(breaks(published(hours=(int, ...)), published(lasted=(int, ...)))) == 1


def test_words_are_no_part_of_the_shape() -> None:
    """Descriptions, titles and the names of Python's classes may be corrected at any time."""
    plain = published(kind=(Kind, ...), at=(Annotated[str | None, NOTES], None))
    worded = published(
        kind=(StrEnum("Sort", {"OFFICE": "office", "HOME": "home"}), Field(description="which of the two")),
        at=(Annotated[str | None, NOTES], Field(default=None, description="in words")),
    )

    assert not breaks(plain, worded)


@settings(max_examples=200)
@given(schema=st.sampled_from(_SCHEMAS), seed=st.integers(0, 2**32))
def test_an_unchanged_contract_never_breaks(schema: Json, seed: int) -> None:
    """However its schema is written: in another order, with other words, with a list of one code said as that code."""
    again = rewritten(schema, random.Random(seed))

    assert not breaks(schema, again)
    assert fingerprint(schema) == fingerprint(again)


@settings(max_examples=400)
@given(schema=st.sampled_from(_SCHEMAS), seed=st.integers(0, 2**32))
def test_a_random_change_of_a_contract_is_always_found(schema: Json, seed: int) -> None:
    """I11: anything in any published schema, at any depth, that a reader would notice; both ways round."""
    changed = changed_somewhere(schema, random.Random(seed))

    for was, now in ((schema, changed), (changed, schema)):
        assert breaks(was, now)
        assert not any("no word" in reason for reason in breaks(was, now))
    assert fingerprint(schema) != fingerprint(changed)


def test_a_keyword_that_nobody_thought_of_is_part_of_the_shape() -> None:
    """Only what is known to be words is passed over."""
    odd = _SCHEMAS[0] | {"x-of-tomorrow": 1}

    assert breaks(_SCHEMAS[0], odd) == ["the event itself is held to x-of-tomorrow 1 now: stored events would not be read any more"]


def test_the_how_to_quotes_the_gate() -> None:
    """Every sentence of its first table is what the gate says of that change."""
    page = (ROOT / "docs" / "how-to" / "change-a-contract.md").read_text()
    _, _, table = page.partition("| Changed in place | What the gate says |\n| --- | --- |\n")
    quoted = dict(row.strip("| ").split(" | ") for row in table.partition("\n\n")[0].splitlines())
    said = {change: breaks(published(**was), published(**now))[0] for change, was, now, _ in CHANGES}

    assert quoted
    assert quoted.items() <= said.items()
