"""Which tests speak of an event: those of the deciders, read models and services that name its class."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.event import Event

_ROOT = Path(__file__).parents[2]
_ROOMS = ("unit", "integration", "journeys")


@dataclass(frozen=True, order=True)
class Suite:
    """A file of tests: `does` says what they show."""

    path: str
    does: str


def suites_of(event: type[Event]) -> tuple[Suite, ...]:
    """Return the files of tests that name the event's class, by path."""
    return _by_name().get(event.__name__, ())


@cache
def _by_name() -> Mapping[str, tuple[Suite, ...]]:
    found = defaultdict[str, set[Suite]](set)
    for file, tree in _trees("test_*.py"):
        tests = Suite(file, (ast.get_docstring(tree) or "").partition("\n")[0])
        for name in _imported(tree):
            for event in _cases().get(name, {name}):
                found[event].add(tests)
    return {name: tuple(sorted(files)) for name, files in found.items()}


@cache
def _cases() -> Mapping[str, set[str]]:
    """Return what each constant that tests share is made of: `REGISTERED` of `TutorRegistered`."""
    return {
        target.id: {part.id for part in ast.walk(made.value) if isinstance(part, ast.Name)}
        for file, tree in _trees("*.py")
        if not Path(file).name.startswith("test_")
        for made in tree.body
        if isinstance(made, ast.Assign)
        for target in made.targets
        if isinstance(target, ast.Name)
    }


def _trees(pattern: str) -> Iterator[tuple[str, ast.Module]]:
    for room in _ROOMS:
        for file in sorted((_ROOT / "tests" / room).rglob(pattern)):
            yield file.relative_to(_ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> set[str]:
    return {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
