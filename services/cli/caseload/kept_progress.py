"""How far a run came, kept in a file: a shortcut only, for the services themselves know every command they have taken."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

_FORMAT = 1
_FILE = "caseload.json"


class UnreadableProgress(Exception):
    """The file is damaged, or of a format that this version does not know."""


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


def load(folder: Path) -> KeptProgress | None:
    """Return the progress that is kept, or None where there is no file; raises `UnreadableProgress` where it is of no use."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        known = kept.pop("format") == _FORMAT
        progress = KeptProgress(**kept)
        sound = known and progress.is_sound()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableProgress from error
    if not sound:
        raise UnreadableProgress
    return progress


def save(folder: Path, progress: KeptProgress) -> None:
    """Keep the progress; the file is whole at every moment."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{_FILE}.new"
    written.write_text(json.dumps({"format": _FORMAT, **asdict(progress)}), encoding="utf-8")
    os.replace(written, folder / _FILE)  # noqa: PTH105 - the name says that it replaces
