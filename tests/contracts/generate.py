"""`make schemas`: writes the schemas of new versions, the AsyncAPI document and the lock. What is published is never overwritten."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from contracts.describing import asyncapi, name_of, wire_schema
from contracts.gate.catalogue import ASYNCAPI, catalogue_breaks, committed, of_code
from contracts.gate.lock import LOCK, rewritten, unlocked, written_lock
from contracts.upcasters import UPCASTERS
from tests.contracts.publishing import EVENTS, FOLDER, ROOT, earlier_locks, locked_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from contracts.event import Event


def rendered(content: dict[str, object]) -> str:
    """Return JSON as it is committed."""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write(folder: Path, events: Iterable[type[Event]]) -> list[str]:
    """Publish in `folder` what is new and correct the words of what is not; return why not, with nothing written, where that breaks."""
    every = tuple(events)
    locked, now = locked_in(folder), of_code(every)
    if locked:
        was = committed(folder).within(locked)
        broken = [*unlocked(locked, was.parts), *catalogue_breaks(was, now, UPCASTERS)]
        if broken:
            return broken
    for event in every:
        (folder / f"{name_of(event)}.json").write_text(rendered(wire_schema(event)))
    (folder / ASYNCAPI).write_text(rendered(asyncapi(every)))
    (folder / LOCK).write_text(written_lock(now.parts))
    return []


def main() -> int:
    """Write into the committed folder; 1 with the reasons where something published would not survive."""
    broken = [reason for lock in earlier_locks(ROOT).values() for reason in rewritten(lock, locked_in(FOLDER))]
    broken = broken or write(FOLDER, EVENTS)
    sys.stderr.write("".join(f"{reason}\n" for reason in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
