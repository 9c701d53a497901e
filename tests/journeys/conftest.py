"""Journeys over a whole Ancora: time for them, and clients who sign in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.callers import Callers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.whole import Ancora

_PATIENCE_S = 300
"""A start takes some ten seconds alone on two cores, and several times that on a machine that does other things too."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give journeys, which start and end a whole Ancora, more time than other tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(_PATIENCE_S))


@pytest.fixture
def callers(whole: Ancora) -> Iterator[Callers]:
    """Give clients who sign in with the development issuer."""
    with Callers(whole) as signed_in:
        yield signed_in
