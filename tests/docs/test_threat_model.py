"""The threat model walks every item of the standard's first two levels once, and what it says is shown by a test is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from deploy.local.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = CHECKOUT / "docs" / "explanation" / "threat-model.md"

LEVEL_2: Mapping[str, tuple[int, ...]] = {
    "1": (2, 9, 11, 3, 2),
    "2": (3, 3, 4, 1),
    "3": (0, 2, 4, 6, 5, 0, 2),
    "4": (3, 1, 2, 4),
    "5": (1, 3, 2, 3),
    "6": (3, 12, 4, 4, 5, 3, 0, 4),
    "7": (3, 4, 2, 5, 2, 2),
    "8": (2, 3, 1, 1),
    "9": (3, 4),
    "10": (2, 2, 4, 11, 5, 2, 3),
    "11": (2, 3, 3, 4, 1, 1),
    "12": (3, 2, 4),
    "13": (1, 5, 2, 5),
    "14": (2, 4, 3),
    "15": (3, 3, 7),
    "16": (1, 5, 4, 3, 3),
    "17": (1, 4, 2),
}
"""OWASP ASVS 5.0.0: how many items of levels 1 and 2 each section of each chapter has; in every section they are its first."""

_ROW = re.compile(r"^\| ((?:\d+\.\d+\.\d+(?:\u2013\d+\.\d+\.\d+)?(?:, )?)+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_RANGE = re.compile(r"(\d+\.\d+)\.(\d+)(?:\u2013(\d+\.\d+)\.(\d+))?")
_TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")
_SAID = ("**Test** `", "**Built so**: ", "**Operator**", "**None here**", "**Not yet**")


def _items(cell: str) -> Iterator[str]:
    for section, first, other, last in _RANGE.findall(cell):
        assert other in ("", section), f"a range within one section: {cell}"
        yield from (f"{section}.{number}" for number in range(int(first), int(last or first) + 1))


def test_every_item_of_the_first_two_levels_is_walked_once() -> None:
    told = Counter(item for cell, _, _ in _ROW.findall(PAGE.read_text(encoding="utf-8")) for item in _items(cell))
    wanted = {
        f"{chapter}.{section}.{number}"
        for chapter, sections in LEVEL_2.items()
        for section, items in enumerate(sections, 1)
        for number in range(1, items + 1)
    }
    assert len(wanted) == 253
    assert told == Counter(wanted)


def test_every_item_says_what_shows_it_or_why_nothing_does() -> None:
    for item, _, answer in _ROW.findall(PAGE.read_text(encoding="utf-8")):
        assert answer.startswith(_SAID), item
        assert not answer.startswith("**Test**") or _TEST.search(answer), item
        assert "**Not yet**" not in answer or re.search(r"\*\*Not yet\*\*(: | \(\*)", answer), item


def test_every_test_that_is_named_exists() -> None:
    named = set(_TEST.findall(PAGE.read_text(encoding="utf-8")))
    assert len(named) > 60
    assert sorted(f"{file}::{name}" for file, name in named if name not in _tests_in(file)) == []


def _tests_in(file: str) -> set[str]:
    path = CHECKOUT / file
    if not path.is_file():
        return set()
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
