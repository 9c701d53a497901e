"""Whether an event that a published version allows is read by the code of today, through all its upcasters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contracts.describing import name_of
from contracts.upcasters import UPCASTERS, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.event import Event


def unread(event: type[Event], data: bytes, sealed: Mapping[str, Any] | None = None) -> str | None:
    """Return why stored bytes of a version, with its sealed fields as opened, would not arrive in the newest; None where they do."""
    name = name_of(event)
    try:
        decode(event.type_name, event.schema_version, data, sealed)
    except ValidationError as refused:
        places = ", ".join(f"`{'.'.join(map(str, error['loc']))}` ({error['type']})" for error in refused.errors(include_input=False))
        way = "its upcaster leads to something else" if (event.type_name, event.schema_version) in UPCASTERS else "its class refuses it"
        return f"{name}: an event that it allows is not read any more, for {way}: {places}. Take every event of the version."
    except Exception as failure:  # noqa: BLE001 - an upcaster is anybody's code, and may fail in any way
        return f"{name}: its upcaster fails with {type(failure).__name__} on an event that it allows. Take every event of the version."
    return None
