"""What intake does on events of every service, its own among them: its part in each erasure, and the conduct of beneficiaries'."""

from __future__ import annotations

from contracts.erasure_codes import SubjectKind
from contracts.topics import SERVICES
from services._runtime.erasing.destroying import collecting, destroying
from services._runtime.reactions import ProcessManager
from services.intake.app.deciders import PERSON

PROCESS_MANAGERS = ProcessManager(
    name="intake.process-managers",
    sources=SERVICES,
    reactions={**destroying("intake"), **collecting("intake", SubjectKind.BENEFICIARY, PERSON)},
)
