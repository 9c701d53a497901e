"""Reads the holidays of the law from their file, beside the methodology."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from services.pathways.adapters.methodology_files import FOLDER
from services.pathways.domain.working_days import FixedHoliday, WorkingDays

if TYPE_CHECKING:
    from pathlib import Path


def read_working_days(folder: Path = FOLDER) -> WorkingDays:
    """Return the calendar of working days."""
    with (folder / "holidays.toml").open("rb") as file:
        content = tomllib.load(file)
    return WorkingDays(tuple(FixedHoliday(**one) for one in content["fixed"]), {day.year: day for day in content["easter_mondays"]})
