"""How far a run came, kept in a file: a shortcut only, for the services themselves know every command they have taken."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

_FORMAT = 1
_FILE = "caseload.json"


@dataclass(slots=True)
class KeptProgress:
    """The plan that is being lived, the last day of it that is done, and the versions that the records had then."""

    fingerprint: str
    done_until: str | None = None
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def day(self) -> date | None:
        """Return the last day that is done."""
        return None if self.done_until is None else date.fromisoformat(self.done_until)

    def is_sound(self) -> bool:
        """Tell whether the versions are versions; raises ValueError where the day is none."""
        return all(isinstance(version, int) for version in self.versions.values()) and (self.day or date.min) >= date.min


def load(folder: Path, fingerprint: str) -> tuple[KeptProgress, str | None]:
    """Return the progress on this plan, and a notice where the file was of no use; then nothing is done yet."""
    file = folder / _FILE
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        known = kept.pop("format") == _FORMAT
        progress = KeptProgress(**kept)
        fits = known and progress.fingerprint == fingerprint and progress.is_sound()
    except FileNotFoundError:
        return KeptProgress(fingerprint), None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return KeptProgress(fingerprint), f"{_FILE} cannot be read and is left aside: every command is sent again, which does no harm"
    if fits:
        return progress, None
    return KeptProgress(fingerprint), f"{_FILE} belongs to another plan and is left aside"


def save(folder: Path, progress: KeptProgress) -> None:
    """Keep the progress; the file is whole at every moment."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{_FILE}.new"
    written.write_text(json.dumps({"format": _FORMAT, **asdict(progress)}), encoding="utf-8")
    os.replace(written, folder / _FILE)  # noqa: PTH105 - the name says that it replaces
