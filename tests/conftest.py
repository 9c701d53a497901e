"""Fixtures for every test: where the real parts are, and databases on them."""

from __future__ import annotations

pytest_plugins = ["tests.support.stack", "tests.support.database", "tests.support.whole", "tests.support.processes"]
