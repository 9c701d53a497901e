"""What a check found: where, what was expected, what was there. Digests and positions, never a personal value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

MOST = 50
"""Findings of one check that are listed; a damaged place has one cause, and a list of a million lines hides it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that is not as it must be."""

    check: str
    where: str
    expected: str
    found: str


@dataclass(slots=True)
class Findings:
    """All that the checks found, and how much each of them looked at."""

    found: list[Finding] = field(default_factory=list)
    unlisted: int = 0
    checked: dict[str, int] = field(default_factory=dict)

    def add(self, check: str, where: str, expected: object, found: object) -> None:
        """Note a finding; beyond `MOST` of one check they are only counted."""
        if sum(finding.check == check for finding in self.found) < MOST:
            self.found.append(Finding(check, where, shown(expected), shown(found)))
        else:
            self.unlisted += 1

    def equal(self, check: str, where: str, expected: object, found: object) -> bool:
        """Note a finding where the two differ; tell whether they are equal."""
        if expected == found:
            return True
        self.add(check, where, expected, found)
        return False

    def report(self) -> dict[str, object]:
        """Return the report as JSON: `ok`, what was checked, what was found."""
        return {
            "ok": not self.found,
            "checked": self.checked,
            "findings": [asdict(finding) for finding in self.found],
            "unlisted": self.unlisted,
        }


def shown(value: object) -> str:
    """Return a value as a person compares it: bytes in hex, absence as a word."""
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex() or "nothing"
    return "nothing" if value is None else str(value)
