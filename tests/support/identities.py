"""Identities of plainly invented people, each unlike every other: nobody is taken for somebody who was recorded before."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

_OLDEST = date(1960, 1, 2)
_DAYS = 15_000
_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprstvz"


def unlike_anybody(given: str = "Selam") -> dict[str, Any]:
    """Return the identity of a woman by this name of the family Prova, whose second family name and birth date are drawn."""
    drawn = "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(5)).capitalize()
    born = _OLDEST + timedelta(days=secrets.randbelow(_DAYS))
    return {"sex": "female", "given_names": given, "family_name": f"{drawn} Prova", "birth_date": born.isoformat()}
