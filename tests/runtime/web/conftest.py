"""The application of `records.py`, running for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.runtime.web.records import Setup, running


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    """Give a fresh application in which the demonstration is allowed."""
    async with running(demonstration=True) as each:
        yield each
