"""`make schemas`: writes the schemas of new versions and the AsyncAPI document. A published version is never overwritten."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import contracts.intake
import contracts.pathways
import contracts.tutors  # noqa: F401 - importing publishes
from contracts.describing import asyncapi, name_of, wire_schema
from contracts.event import published_events

FOLDER = Path(__file__).parents[2] / "contracts" / "schemas"
ASYNCAPI = "asyncapi.json"


def rendered(content: dict[str, object]) -> str:
    """Return JSON as it is committed."""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def shape(content: object) -> object:
    """Return a schema without its words: descriptions and titles may be corrected, the shape of a published version may not."""
    if isinstance(content, dict):
        return {name: shape(value) for name, value in content.items() if not (name in ("description", "title") and isinstance(value, str))}
    return [shape(value) for value in content] if isinstance(content, list) else content


def main() -> int:
    """Write what is new; 1 where a published version would change, with the way out."""
    FOLDER.mkdir(exist_ok=True)
    for event in published_events():
        file = FOLDER / f"{name_of(event)}.json"
        schema = wire_schema(event)
        if file.exists() and shape(json.loads(file.read_text())) != shape(schema):
            sys.stderr.write(
                f"{name_of(event)} is published and its shape changed: old events and old readers would not survive.\n"
                f"Restore it, and publish version {event.schema_version + 1} with an upcaster in contracts/upcasters.py.\n"
            )
            return 1
        file.write_text(rendered(schema))
    (FOLDER / ASYNCAPI).write_text(rendered(asyncapi(published_events())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
