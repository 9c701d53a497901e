"""A person's story as intake records it: notice, enrolment, status, admission, what changes on the way, exit, return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services.cli.caseload.catalogue import CONTINUITY, NOTES, PROGRAMME
from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.names_story import other_names
from services.cli.caseload.papers_story import disclose, document
from services.cli.caseload.people import Admission, name
from services.cli.caseload.script import END, Target
from services.cli.caseload.transfer_story import move_away, moves_away, try_transfer

if TYPE_CHECKING:
    from uuid import UUID

    from services.cli.caseload.people import Persona
    from services.cli.caseload.script import Script

_DAY = timedelta(days=1)
_NEXT_BEGINS = next(one.start for one in consortium().successors if one.code == CONTINUITY)
_SETTLED = timedelta(days=60)
_OTHER_STATUS = {"special-protection": 6, "special-cases": 3, "asylum-applicant": 2}
_EXITS = {"pathway-completed": 62, "moved-away": 15, "withdrew": 9, "other-service": 6, "unreachable": 7, "other": 1}
_DESTINATIONS = {"own-home": 4, "shared-home": 4, "relatives-or-friends": 2}
_READMITTED_BEFORE = END - timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Intake:
    """Tells one person's story to intake."""

    script: Script
    persona: Persona
    dice: Dice

    @property
    def beneficiary_id(self) -> UUID:
        """Return the person's id."""
        return self.script.id("person", self.persona.number)

    def say(
        self,
        day: date,
        action: str,
        body: dict[str, Any],
        *,
        occurred: date | None = None,
        creates: bool = False,
        login: str | None = None,
    ) -> None:
        """Add a command on the person's record."""
        key = self.beneficiary_id
        target = Target(service="intake", path=f"/beneficiaries/{key}", stream=f"person-{key}", lane=self.persona.lane)
        self.script.say(day, target, f"/{action}", login or self.persona.worker, body, occurred=occurred, creates=creates)

    def begin(self) -> None:
        """Tell the first day: notice, enrolment, what is known already."""
        one, dice, day = self.persona, self.dice, self.persona.enrolled
        notice = {"notice_version": "2020-05", "language": one.languages[0], "how": dice.pick(("in-writing", "orally")), "mediator": True}
        self.say(day, "privacy-notices", notice, creates=True)
        enrolment = {
            "territory": one.place.province,
            "identity": one.identity() if dice.chance(0.9) else one.identity(birth_date_precision="year"),
            "contact": one.contact(f"Via Inventata {one.number}"),
            "tax_code": one.definitive_code if (settled := dice.chance(0.6)) else one.provisional_code,
        }
        begun = day - timedelta(days=dice.between(7, 30)) if dice.chance(0.04) else day
        self.say(day, "enrolment", enrolment | ({"municipality": one.municipality} if one.municipality else {}), occurred=begun)
        if dice.chance(0.5):
            self._document(day)
        if not settled and self.in_care(confirmed := dice.later(day, 30, 150)):
            self.say(confirmed, "tax-code", {"tax_code": one.definitive_code})
        if dice.chance(0.3) or one.child:
            needs = ["minor"] if one.child else [dice.pick(("mental-health", "torture-or-violence", "serious-illness", "single-parent"))]
            self.say(dice.later(day, 1, 20), "vulnerabilities", {"needs": needs})

    def ask_admission(self) -> None:
        """Tell how the request for admission went."""
        one, dice, day = self.persona, self.dice, self.persona.enrolled
        protected = {"refugee": 5, "subsidiary-protection": 4}
        granted = (day - timedelta(days=dice.between(200, 700))).isoformat()
        asked = dice.later(day, 3, 21)
        if one.admission is Admission.OTHER_STATUS:
            protected = _OTHER_STATUS
        if one.admission is not Admission.PENDING or dice.chance(0.5):
            self.say(day, "protection-status", {"status": dice.weighted(protected), "granted_on": granted})
        months = 20 if one.admission in (Admission.TOO_LATE, Admission.BY_DEROGATION) else 0
        left = day - timedelta(days=dice.between(10, 300) + months * 31)
        if one.admission not in (Admission.PENDING, Admission.ADMITTED_LATER):
            self.say(day, "reception-exit", {}, occurred=left)
        self.say(asked, "admissions", {"programme": PROGRAMME})
        again = dice.later(asked, 14, 40)
        if one.admission is Admission.ADMITTED_LATER:
            self.say(again, "reception-exit", {}, occurred=asked)
            self.say(again, "admissions", {"programme": PROGRAMME})
        if one.admission is Admission.BY_DEROGATION:
            grounds = "Uscita dall'accoglienza da oltre 18 mesi: situazione rivalutata con l'ente capofila."
            self.say(again, "admissions", {"programme": PROGRAMME, "derogation": grounds})

    def live(self) -> None:
        """Tell what changes on the way: residence, contact, documents, corrections, notes, now and then leaving the programme."""
        one, dice = self.persona, self.dice
        if one.municipality is not None and dice.chance(0.5):
            self._later(30, 200, "residence", {"municipality": one.municipality, "address": f"Via Inventata {one.number}"})
        if dice.chance(0.4):
            self._later(40, 300, "contact", {"contact": one.contact(f"Piazza di Prova {one.number}")})
        if dice.chance(0.08):
            corrected = one.identity(given_names=name(dice, 3))
            self._later(10, 120, "identity-corrections", {"identity": corrected, "reason": "Nome trascritto male dal documento."})
        if dice.chance(0.25):
            self._document(dice.later(one.enrolled, 60, 300))
        for _ in range(dice.weighted({0: 5, 1: 4, 2: 1})):
            self._later(10, 300, "notes", {"text": dice.pick(NOTES)})
        disclose(self)
        other_names(self)
        try_transfer(self)
        if one.admission.succeeds and dice.chance(0.02):
            self._later(90, 200, "programme-leaves", {"programme": PROGRAMME, "reason": "other-programme"})
        elif one.admission.succeeds:
            self._carry_on()

    def _carry_on(self) -> None:
        """Tell who goes on in the next programme: some are in both for good, most leave the first, and the pathway is the same."""
        dice = Dice(self.script.seed, self.script.persons, "carried-on", self.persona.number)
        admitted = dice.later(_NEXT_BEGINS, 3, 60)
        leaves = dice.later(admitted, 5, 20)
        if self.persona.enrolled + _SETTLED <= admitted and self.in_care(leaves + _SETTLED) and dice.chance(0.35):
            self.say(admitted, "admissions", {"programme": CONTINUITY})
            if dice.chance(0.7):
                self.say(leaves, "programme-leaves", {"programme": PROGRAMME, "reason": "other-programme"})

    def leave(self, day: date) -> None:
        """Tell the exit, or that the person moves away and leaves care elsewhere."""
        if moves_away(self):
            move_away(self, day)
            return
        reason = self.dice.weighted(_EXITS)
        destination = "unknown" if reason == "unreachable" else self.dice.weighted(_DESTINATIONS)
        self.say(day, "exit", {"reason": reason, "destination": destination})

    def returns(self) -> date | None:
        """Tell that the person comes back after an exit, and return the day; most do not."""
        one, dice = self.persona, self.dice
        if one.leaves is None or one.child or not dice.chance(0.06) or moves_away(self):
            return None
        back = dice.later(one.leaves, 45, 160)
        if back >= _READMITTED_BEFORE:
            return None
        self.say(back, "readmission", {"territory": one.place.province} | ({"municipality": one.municipality} if one.municipality else {}))
        return back

    def link(self, household_id: UUID) -> None:
        """Tell which household the person belongs to."""
        body = {"household_id": str(household_id), "relation": self.persona.relation}
        self.say(working_day(self.persona.enrolled + _DAY), "household", body)

    def _document(self, day: date) -> None:
        if self.in_care(day):
            document(self, day)

    def in_care(self, day: date) -> bool:
        """Tell whether the person is in care on a day, in the first time of theirs."""
        return self.persona.leaves is None or day < self.persona.leaves

    def _later(self, lowest: int, highest: int, action: str, body: dict[str, Any]) -> None:
        day = self.dice.later(self.persona.enrolled, lowest, highest)
        if self.in_care(day):
            self.say(day, action, body)


def form_household(script: Script, head: Persona) -> UUID:
    """Tell that a household was formed, and return its id."""
    key = script.id("household", head.number)
    target = Target(service="intake", path=f"/households/{key}", stream=f"household-{key}", lane=head.lane)
    body = {"territory": head.place.province}
    script.say(head.enrolled, target, "", head.worker, body, creates=True)
    return key
