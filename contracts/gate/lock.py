"""The lock of what is published: a fingerprint per event version, header and topic, so that code and schema edited together show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCK = "published.lock"
_HEAD = "# SHA-256 of the shape of everything that is published. Lines are added by `make schemas`; a committed line never changes.\n"


def read_lock(text: str) -> dict[str, str]:
    """Return the fingerprint of each published part, by name."""
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {name: fingerprint for fingerprint, name in lines}


def written_lock(locked: Mapping[str, str]) -> str:
    """Return the lock as it is committed: one line for each part, by name."""
    return _HEAD + "".join(f"{locked[name]}  {name}\n" for name in sorted(locked))


def unlocked(locked: Mapping[str, str], parts: Mapping[str, str]) -> list[str]:
    """Return why committed schemas are not what was published: one sentence for each that was edited or deleted."""
    found = []
    for name, fingerprint in locked.items():
        if name not in parts:
            found.append(f"{name}: it is published, and its schema was deleted. Restore it from the version control.")
        elif parts[name] != fingerprint:
            found.append(
                f"{name}: its schema was edited after it was published, so that stored events and readers of before know another one. "
                f"Restore the schema, and publish the change as a new version."
            )
    return found


def rewritten(earlier: Mapping[str, str], locked: Mapping[str, str]) -> list[str]:
    """Return why a lock does not follow from an earlier one: lines may be added, never changed or taken away."""
    return [
        f"{name}: its line in {LOCK} was {'changed' if name in locked else 'taken away'} after it was committed. "
        f"What is published stays published: restore the line."
        for name, fingerprint in earlier.items()
        if locked.get(name) != fingerprint
    ]
