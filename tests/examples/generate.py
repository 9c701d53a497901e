"""Writes the examples of each service's document anew: `python -m tests.examples.generate`; takes as long as the caseload."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from deploy.local.paths import CHECKOUT
from tests.examples.by_hand import BY_HAND
from tests.examples.harvest import harvested

if TYPE_CHECKING:
    from tests.examples.harvest import Examples


def written(examples: Examples, service: str) -> str:
    """Return the file of a service."""
    by_hand = {path: {"body": body} for path, body in BY_HAND.get(service, {}).items()}
    return json.dumps(dict(sorted((examples[service] | by_hand).items())), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them."""
    harvest, _ = asyncio.run(harvested())
    for service in harvest.found:
        (CHECKOUT / "services" / service / "examples.json").write_text(written(harvest.found, service), encoding="utf-8")


if __name__ == "__main__":
    main()
