"""The real Kafka, and spans that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.kafka import Kafka, kafka_at
from tests.support.observed import Spans

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.stack import RealParts


@pytest.fixture
async def kafka(real_parts: RealParts) -> AsyncIterator[Kafka]:
    """Give the real Kafka."""
    async with kafka_at(real_parts.kafka) as real:
        yield real


@pytest.fixture
def spans() -> Spans:
    """Give what keeps spans."""
    return Spans()
