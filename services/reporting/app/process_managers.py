"""What reporting does on other services' events besides keeping them: its part in every erasure.

Its journal and read models hold no personal value, so there is nothing in them to purge; it makes sure that it never holds any.
"""

from __future__ import annotations

from services._runtime.erasing.destroying import destroying
from services._runtime.reactions import ProcessManager

PROCESS_MANAGERS = ProcessManager(name="reporting.process-managers", sources=("intake", "tutors"), reactions=destroying("reporting"))
