"""Fixtures for every test: where the real parts are, and databases on them. How properties are searched.

A property says what holds, not how fast, and finds the same wherever it runs. To look elsewhere: `--hypothesis-profile=search`.
"""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["tests.support.stack", "tests.support.database", "tests.support.whole", "tests.support.processes"]

settings.register_profile("ancora", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("ancora")
