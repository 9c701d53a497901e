"""The purposes for which somebody may act, as their token names one: a closed list. Which role acts for which, access.yaml says.

What is stored names its purpose as a text, so that a purpose that left the list stays readable and provable.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Purpose(StrEnum):
    """What somebody asks or does something for."""

    INTEGRATION = "integration"
    HOUSING = "housing"
    SCHOOL = "school"
    OWN_DATA = "own-data"
    PROGRAMME = "programme"
    REPORTING = "reporting"
    FUNDER_CONTROL = "funder-control"
    AUDIT = "audit"
    RESEARCH = "research"
    DATA_PROTECTION = "data-protection"
    OPERATIONS = "operations"


class Meaning(NamedTuple):
    """What a purpose means, in Italian and in English."""

    it: str
    en: str


MEANINGS: Mapping[Purpose, Meaning] = {
    Purpose.INTEGRATION: Meaning("Presa in carico e percorso di integrazione", "Care, and the pathway of integration"),
    Purpose.HOUSING: Meaning("Casa e residenza", "Housing and residence"),
    Purpose.SCHOOL: Meaning("Scuola e servizi educativi", "School and education"),
    Purpose.OWN_DATA: Meaning("La persona e i propri dati", "The person and their own data"),
    Purpose.PROGRAMME: Meaning("Governo del programma: metodologia, piani, budget", "Steering the programme: methodology, plans, budget"),
    Purpose.REPORTING: Meaning("Dati e rendicontazione", "Figures and reporting"),
    Purpose.FUNDER_CONTROL: Meaning("Controllo del finanziatore", "The funder's control"),
    Purpose.AUDIT: Meaning("Revisione della traccia", "Review of the trail"),
    Purpose.RESEARCH: Meaning("Ricerca", "Research"),
    Purpose.DATA_PROTECTION: Meaning("Protezione dei dati", "Data protection"),
    Purpose.OPERATIONS: Meaning("Funzionamento tecnico", "Operation of the machinery"),
}
