"""Which tests share a process, where a session has several: those that use one thing which is started once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

_TOGETHER = {
    "runtime": "parts",
    "integration": "parts",
    "benchmarks": "parts",
    "faults": "faults",
    "journeys": "journeys",
    "docs": "journeys",
}
"""Folders whose tests use Kafka and PostgreSQL, the Ancora behind proxies, or the one that people use."""


class _ByFolder(LoadScopeScheduling):  # type: ignore[misc] # it publishes no types
    """Gives the tests of such folders to one process, in their order, and every other test to whichever is free.

    The `xdist_group` mark says the same, but pytest 9.2 keeps its names where xdist 3.8 does not look for them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER.get(nodeid.split("/")[1], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Schedule by folder."""
    return _ByFolder(config, log)
