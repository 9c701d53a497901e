"""To whom a person's record is offered: what the machinery asks before it lets another organisation answer a transfer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args

from contracts.transfers import TransferEvent, TransferRequested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.access.deciding import Principal
    from services._runtime.store.port import StreamEvent

_TYPES = frozenset(event.type_name for event in get_args(TransferEvent))


def offered(stored: Sequence[StreamEvent], caller: Principal) -> bool:
    """Tell whether these events end with a transfer that waits for the answer of the caller's organisation.

    Asks of what is in clear: no key is touched for somebody who answers for nobody yet.
    """
    told = [one.recorded for one in stored if one.recorded.envelope.type in _TYPES]
    if not told or told[-1].envelope.type != TransferRequested.type_name:
        return False
    return bool(json.loads(told[-1].data)["receiver"] == caller.organisation)
