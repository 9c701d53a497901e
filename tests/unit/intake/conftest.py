"""Property tests of intake: no deadline, since the machine is shared; the same examples each time, so that a failure is found again."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("ancora", deadline=None, derandomize=True)
settings.load_profile("ancora")
