"""The people of the caseload, plainly invented: names of made-up syllables after "Demo", addresses and numbers that reach nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from services.cli.caseload.dice import working_day
from services.cli.caseload.script import END, START
from services.cli.caseload.tax_codes import definitive, provisional

if TYPE_CHECKING:
    from services.cli.caseload.dice import Dice
    from services.cli.caseload.places import Place

_SYLLABLES = ("ba", "de", "fi", "go", "ka", "le", "mi", "no", "pa", "re", "sa", "ti", "vo", "zu", "la", "ne", "ro", "su")
_ORIGINS = {
    ("NGA", ("en", "ha")): 14, ("PAK", ("ur", "en")): 12, ("AFG", ("fa", "ps")): 11, ("SOM", ("so", "ar")): 9, ("MLI", ("bm", "fr")): 9,
    ("SYR", ("ar",)): 8, ("GMB", ("wo", "en")): 6, ("ERI", ("ti", "ar")): 6, ("CIV", ("fr",)): 5, ("IRQ", ("ar", "ku")): 5,
    ("SDN", ("ar",)): 4, ("VEN", ("es",)): 4, ("TUR", ("ku", "tr")): 3, ("XXA", ("ar",)): 1,
}  # fmt: skip
_LAST_ENROLMENT, _USUAL_ENROLMENT = 610, 190
_CARE_DAYS = (130, 560, 330)
_YEAR = 365.25


class Admission(Enum):
    """How a person's request for admission goes."""

    ADMITTED = auto()
    ADMITTED_LATER = auto()
    BY_DEROGATION = auto()
    OTHER_STATUS = auto()
    TOO_LATE = auto()
    PENDING = auto()

    @property
    def succeeds(self) -> bool:
        """Tell whether it ends with the person admitted."""
        return self in (Admission.ADMITTED, Admission.ADMITTED_LATER, Admission.BY_DEROGATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """An invented person, where they are in care, from when to when, and who works with them."""

    number: int
    lane: int
    place: Place
    municipality: str | None
    female: bool
    given_name: str
    family_name: str
    birth_date: date
    citizenship: str
    languages: tuple[str, ...]
    enrolled: date
    leaves: date | None
    admission: Admission
    relation: str | None
    worker: str
    second: str

    @property
    def child(self) -> bool:
        """Tell whether the person is under age when care begins."""
        return (self.enrolled - self.birth_date).days < 18 * _YEAR

    @property
    def coordinator(self) -> str:
        """Return the login that coordinates the tutors of the person's organisation."""
        return f"tutor-coordinator.{self.place.organisation}"

    @property
    def definitive_code(self) -> str:
        """Return a well-formed codice fiscale that is nobody's."""
        return definitive(self.family_name, self.given_name, self.birth_date, female=self.female, number=self.number)

    @property
    def provisional_code(self) -> str:
        """Return a well-formed provisional code that is nobody's."""
        return provisional(self.number)

    def identity(self, **corrected: object) -> dict[str, Any]:
        """Return the identity as intake takes it."""
        known = {
            "sex": "female" if self.female else "male",
            "given_names": self.given_name,
            "family_name": self.family_name,
            "birth_date": self.birth_date.isoformat(),
            "citizenship": self.citizenship,
        }
        return known | corrected

    def contact(self, address: str) -> dict[str, Any]:
        """Return the contact as intake takes it: a reserved domain, a prefix that no network has."""
        return {
            "languages": list(self.languages),
            "email": f"persona{self.number:04d}@demo.example",
            "phone": f"+39 000 000 {self.number:04d}",
            "address": address,
        }


def name(dice: Dice, syllables: int) -> str:
    """Return an invented name."""
    return "".join(dice.pick(_SYLLABLES) for _ in range(syllables)).capitalize()


def cast(place: Place, first_number: int, dice: Dice) -> list[list[Persona]]:
    """Return an organisation's people, family by family; most are alone. Each family has its own lane."""
    admissions = dice.shuffled([*_admitted(place.admitted, dice), *_not_admitted(place.persons - place.admitted, dice)])
    families, number = list[list[Persona]](), first_number
    while admissions:
        size = min(len(admissions), dice.weighted({1: 82, 2: 6, 3: 7, 4: 5}))
        families.append(_family(place, number, [admissions.pop() for _ in range(size)], dice))
        number += size
    return families


def _admitted(count: int, dice: Dice) -> list[Admission]:
    kinds = {Admission.ADMITTED: 87, Admission.ADMITTED_LATER: 8, Admission.BY_DEROGATION: 5}
    return [dice.weighted(kinds) for _ in range(count)]


def _not_admitted(count: int, dice: Dice) -> list[Admission]:
    return [dice.weighted({Admission.OTHER_STATUS: 60, Admission.TOO_LATE: 15, Admission.PENDING: 25}) for _ in range(count)]


def _family(place: Place, first: int, admissions: list[Admission], dice: Dice) -> list[Persona]:
    surname = f"Demo {name(dice, 3)}"
    citizenship, languages = dice.weighted(_ORIGINS)
    enrolled = working_day(START + timedelta(days=dice.peaked(2, _LAST_ENROLMENT, _USUAL_ENROLMENT)))
    municipality = dice.pick(place.municipalities) if place.municipalities and dice.chance(0.7) else None
    workers = dice.some([f"{role}.{place.organisation}" for role in ("case-worker", "case-worker-2", "case-worker-3")], 2)
    second = f"team-coordinator.{place.organisation}" if dice.chance(0.3) else workers[1]
    leaves = _leaving(enrolled, dice)
    relations = _relations(len(admissions), dice)
    return [
        Persona(
            number=first + at,
            lane=first,
            place=place,
            municipality=municipality,
            female=dice.chance(0.28) if relation in (None, "head", "child") else dice.chance(0.9),
            given_name=name(dice, 2 + at % 2),
            family_name=surname,
            birth_date=_born(enrolled, relation, dice),
            citizenship=citizenship,
            languages=languages,
            enrolled=enrolled,
            leaves=leaves,
            admission=admission,
            relation=relation,
            worker=workers[0],
            second=second,
        )
        for at, (admission, relation) in enumerate(zip(admissions, relations, strict=True))
    ]


def _relations(size: int, dice: Dice) -> list[str | None]:
    if size == 1:
        return [None]
    partner = "partner" if size > 2 or dice.chance(0.5) else "child"  # noqa: PLR2004 - two parents, where there are children too
    return ["head", partner, *["child"] * (size - 2)]


def _born(enrolled: date, relation: str | None, dice: Dice) -> date:
    years = dice.between(3, 16) if relation == "child" else dice.peaked(62, 71, 63) if dice.chance(0.03) else dice.peaked(19, 57, 25)
    return enrolled - timedelta(days=round(years * _YEAR) + dice.between(5, 350))


def _leaving(enrolled: date, dice: Dice) -> date | None:
    day = working_day(enrolled + timedelta(days=dice.peaked(*_CARE_DAYS)))
    return day if day < END - timedelta(days=7) and dice.chance(0.85) else None
