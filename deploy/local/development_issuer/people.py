"""The invented people who may sign in: each role that makes sense in each organisation of the consortium."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel

CASE_WORKERS = 3
REGISTERED = frozenset({"tutor"})
"""The roles whose token says under which id they stand in a register."""
# Role → what it is called, in Italian and in English.
ROLES: Mapping[str, tuple[str, str]] = {
    "case-worker": ("Operatrice o operatore", "Case worker"),
    "team-coordinator": ("Coordinamento dell'équipe", "Team coordinator"),
    "cultural-mediator": ("Mediazione culturale", "Cultural mediator"),
    "tutor-coordinator": ("Coordinamento dei tutor", "Tutor coordinator"),
    "tutor": ("Tutor volontaria o volontario", "Tutor"),
    "municipality": ("Servizio sociale del Comune", "Municipal social service"),
    "reporting-consumer": ("Lettura dei dati", "Reporting consumer"),
    "researcher": ("Ricerca", "Researcher"),
    "data-protection-officer": ("Responsabile della protezione dei dati", "Data protection officer"),
    "auditor": ("Revisione e controllo", "Auditor"),
    "lead-partner": ("Ente capofila", "Lead partner"),
    "administrator": ("Amministrazione tecnica", "Administrator"),
}
_CARE = ("integration", "housing", "school")
# Role → the purposes for which it acts; a token names the first where none is asked for.
PURPOSES: Mapping[str, tuple[str, ...]] = {
    "case-worker": _CARE,
    "team-coordinator": _CARE,
    "cultural-mediator": ("integration",),
    "tutor-coordinator": ("integration",),
    "tutor": ("integration",),
    "municipality": _CARE,
    "reporting-consumer": ("reporting",),
    "researcher": ("research",),
    "data-protection-officer": ("data-protection",),
    "auditor": ("audit",),
    "lead-partner": ("programme", "reporting"),
    "administrator": ("operations",),
}
_THIRD_SECTOR = (
    "case-worker",
    "team-coordinator",
    "cultural-mediator",
    "tutor-coordinator",
    "tutor",
    "reporting-consumer",
    "auditor",
    "administrator",
)
_LEAD = (*_THIRD_SECTOR, "lead-partner", "data-protection-officer")
_RESEARCH = ("reporting-consumer", "researcher")
_MUNICIPALITY = ("municipality", "case-worker", "reporting-consumer")


class Organisation(BaseModel):
    """An organisation as the consortium's reference data has it; other facts in the file are not read."""

    code: str
    name: str
    kind: str = "municipality"
    role: str = "partner"


class Consortium(BaseModel):
    """The part of the reference data that people are made from."""

    organisations: list[Organisation]
    municipalities: list[Organisation] = []


@dataclass(frozen=True)
class Person:
    """One invented person: a login, and what a token says about them."""

    login: str
    role: str
    number: int
    organisation: str
    organisation_name: str

    @property
    def title(self) -> str:
        """The role in Italian, numbered where there are several."""
        return self._numbered(ROLES[self.role][0])

    @property
    def title_en(self) -> str:
        """The role in English, numbered where there are several."""
        return self._numbered(ROLES[self.role][1])

    @property
    def purposes(self) -> tuple[str, ...]:
        """What they act for; the usual purpose first."""
        return PURPOSES[self.role]

    def _numbered(self, title: str) -> str:
        return title if self.role != "case-worker" else f"{title} {self.number}"


def read_people(file: Path) -> dict[str, Person]:
    """Make the people for the organisations in a YAML or JSON file: login → person, in the file's order.

    Raises OSError for an unreadable file, yaml.YAMLError or pydantic.ValidationError for one of another shape.
    """
    consortium = Consortium.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    everyone = [
        person
        for organisation in [*consortium.organisations, *consortium.municipalities]
        for role in _roles_of(organisation)
        for person in _people_in(organisation, role)
    ]
    return {person.login: person for person in everyone}


def _roles_of(organisation: Organisation) -> tuple[str, ...]:
    match organisation:
        case Organisation(kind="municipality"):
            return _MUNICIPALITY
        case Organisation(kind="research"):
            return _RESEARCH
        case Organisation(role="lead"):
            return _LEAD
        case _:
            return _THIRD_SECTOR


def _people_in(organisation: Organisation, role: str) -> list[Person]:
    count = CASE_WORKERS if role == "case-worker" else 1
    return [
        Person(f"{role if number == 1 else f'{role}-{number}'}.{organisation.code}", role, number, organisation.code, organisation.name)
        for number in range(1, count + 1)
    ]
