"""What the machinery asks of an assignment: is a caller the tutor who stands beside the person?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts.assignments import AssignmentEnded, TutorAssigned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services._runtime.access.deciding import Principal
    from services._runtime.store.port import EventStore, StreamEvent


async def stands_beside(_store: EventStore, stored: Sequence[StreamEvent], caller: Principal, _day: date) -> bool:
    """Tell whether these events are of an assignment that runs, and the caller is its tutor.

    Who was assigned is in the first event, in clear: no list is asked that could lag behind, and no key is touched.
    """
    first = stored[0].recorded if stored else None
    if first is None or first.envelope.type != TutorAssigned.type_name or caller.person is None:
        return False
    ended = any(one.recorded.envelope.type == AssignmentEnded.type_name for one in stored)
    return not ended and json.loads(first.data)["tutor_id"] == str(caller.person)
