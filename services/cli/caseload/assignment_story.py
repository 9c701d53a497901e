"""The story of tutor and person: assigned, met about every two weeks, silent at times, introduced to others, ended or handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.cli.caseload.dice import Dice
from services.cli.caseload.follow_up_story import pause, spend
from services.cli.caseload.script import END, Target
from services.cli.caseload.transfer_story import LONGEST_STAY
from services.cli.caseload.tutor_story import INTERESTS, TutorStory, tutor_id
from services.cli.caseload.volunteer_story import Beside, stand_beside

if TYPE_CHECKING:
    from services.cli.caseload.script import Script
    from services.cli.caseload.tutor_register import Tutor
    from services.cli.caseload.tutor_wish import TutorWish

_MEETINGS = {"in_person": 6, "accompaniment": 2, "group": 1, "remote": 2}
_CONNECTIONS = ("association", "employer", "neighbour", "service", "peer_group", "other")
_EARLY_ENDS = {"tutor_unavailable": 4, "tutor_asked": 3, "beneficiary_asked": 2, "moved": 1}
_GRACE = timedelta(days=25)
_SHORTEST = timedelta(days=30)
_LOG_DELAYS = {(0, 2): 80, (3, 6): 15, (14, 24): 5}


@dataclass(slots=True, kw_only=True)
class AssignmentStory:
    """Tells one assignment, from `begins` to `ends` or to the project's last day; `early` ones are followed by another tutor.

    `continues` is the assignment of the tutor from whom this one takes over, where the person did not wait in between.
    """

    script: Script
    wish: TutorWish
    tutor: Tutor
    begins: date
    ends: date | None
    early: bool
    turn: int
    dice: Dice
    continues: AssignmentStory | None = None

    @property
    def last(self) -> date:
        """Return the last day of which the organisation tells: of one that is handed over all is entered before."""
        closes = self.wish.days.closes
        if closes is not None and self.wish.handed_over:
            closes -= _GRACE + timedelta(days=1)
        return self.ends or closes or END

    @property
    def occupied(self) -> date:
        """Return the last day on which it holds one of the tutor's places: one that is handed over holds it until the exit elsewhere."""
        closes = self.wish.days.closes
        return self.ends or (closes + LONGEST_STAY if closes is not None and self.wish.handed_over else self.last)

    def tell(self) -> None:
        """Add everything that happens from the assignment to its end."""
        self._assign()
        self._meet(stand_beside(self))
        self._introduce()
        pause(self)
        if self.continues is not None:
            self._open_notes(self.continues)
        if self.ends is not None and not self.taken_over:
            self.say(self.ends, "end", {**self.leaving(), "still_wanted": self.early})

    @property
    def taken_over(self) -> bool:
        """Tell whether another tutor takes over on the day on which it ends, so that it is ended with that."""
        return self.early and Dice(self.script.seed, self.script.persons, "taken over", self.assignment_id).chance(0.3)

    def leaving(self) -> dict[str, Any]:
        """Return why the tutor leaves, and what becomes of the two."""
        reason = self.dice.weighted(_EARLY_ENDS) if self.early else "concluded"
        return {"reason": reason, "relationship_continues": self.dice.chance(0.5) and not self.early}

    def say(self, day: date, action: str, body: dict[str, Any], *, occurred: date | None = None) -> None:
        """Add a command on the assignment."""
        key = self.assignment_id
        persona = self.wish.days.persona
        target = Target(service="tutors", path=f"/assignments/{key}", stream=f"assignment-{key}", lane=persona.lane)
        self.script.say(day, target, f"/{action}", persona.coordinator, body, occurred=occurred)

    def _assign(self) -> None:
        """Tell the match: proposed, accepted by both after they met, and assigned, all on the day on which it begins."""
        request, persona, tutor = self.wish.request_id, self.wish.days.persona, str(tutor_id(self.script, self.tutor))
        target = Target(service="tutors", path=f"/tutor-requests/{request}", stream=f"request-{request}", lane=persona.lane)
        met = self.begins.isoformat()
        chance = Dice(self.script.seed, self.script.persons, "match", self.assignment_id)
        if self.turn == 1 and chance.chance(0.5):
            wish = {"languages": list(persona.languages), "interests": chance.some(INTERESTS, 2), "times": ["weekend"]}
            self.script.say(self.begins, target, "/wish", persona.coordinator, wish)
        if chance.chance(0.06):
            self.script.say(self.begins, target, "/match-proposals", persona.coordinator, self._proposal(tutor, 1))
            refusal = {"by": "organisation", "reason": "proposed_in_error", "notes": "Proposta inserita per la persona sbagliata."}
            self.script.say(self.begins, target, "/match-refusal", persona.coordinator, refusal)
        for action, body in (
            ("/match-proposals", self._proposal(tutor, 0)),
            ("/match-acceptance", {"by": "tutor", "first_meeting_on": met}),
            ("/match-acceptance", {"by": "beneficiary", "first_meeting_on": met}),
        ):
            self.script.say(self.begins, target, action, persona.coordinator, body)
        begun = {"assignment_id": self.assignment_id, "tutor_id": tutor}
        if self.continues is None:
            self.script.say(self.begins, target, "/assignment", persona.coordinator, begun)
        else:
            self.continues.say(self.begins, "reassignment", self.continues.leaving() | begun)

    def _open_notes(self, before: AssignmentStory) -> None:
        """Tell that what the tutor before noted is opened to this one, for some."""
        dice = Dice(self.script.seed, self.script.persons, "notes opened", self.assignment_id)
        day = dice.later(self.begins, 3, 12)
        if dice.chance(0.4) and day < self.last:
            reason = "La persona chiede che il nuovo tutor conosca il cammino fatto."
            before.say(day, "notes-opening", {"opened_to": self.assignment_id, "reason": reason})

    def _proposal(self, tutor: str, number: int) -> dict[str, Any]:
        return {"match_id": str(self._made("match", number)), "tutor_id": tutor}

    def _meet(self, beside: list[Beside]) -> None:
        held, number = self.begins + timedelta(days=self.dice.between(3, 10)), 1
        while held < self.last:
            self._log(held, number, [one.key for one in beside if one.there(held)])
            gap = (24, 48) if self.dice.chance(0.05) else (11, 13) if self.dice.chance(0.85) else (7, 10)
            held, number = held + timedelta(days=self.dice.between(*gap)), number + 1

    def _log(self, held: date, number: int, volunteers: list[str]) -> None:
        dice, took_place = self.dice, not self.dice.chance(0.07)
        meeting: dict[str, Any] = {
            "meeting_id": str(self._made("meeting", number)),
            "duration_minutes": 15 * dice.between(2, 10) if took_place else 0,
            "kind": dice.weighted(_MEETINGS),
            "took_place": took_place,
        }
        if volunteers:
            meeting["volunteers"] = volunteers[: 1 + number % 2]
        if dice.chance(0.1):
            meeting["notes"] = "Passeggiata in quartiere e conversazione." if took_place else "Non si è presentato, richiamare."
        logged = min(dice.later(held, *dice.weighted(_LOG_DELAYS)), self.last + _GRACE)
        self.say(logged, "meetings", meeting, occurred=held)
        if took_place:
            spend(self, TutorStory(self.script, self.tutor, dice), held, number)
        if took_place and dice.chance(0.03):
            corrected = {**meeting, "occurred_on": held.isoformat(), "duration_minutes": 15 * dice.between(2, 10)}
            self.say(dice.later(logged, 2, 20), "meeting-corrections", corrected | {"reason": "Durata inserita per errore."})

    def _introduce(self) -> None:
        for number in range(self.dice.weighted({0: 3, 1: 5, 2: 2})):
            day = self.dice.later(self.begins, 15, 150)
            if day < self.last:
                body = {"connection_id": str(self._made("connection", number)), "kind": self.dice.pick(_CONNECTIONS)}
                self.say(day, "connections", body)

    @property
    def assignment_id(self) -> str:
        """Return the assignment's id."""
        return str(self._made("assignment", 0))

    def _made(self, kind: str, number: int) -> object:
        return self.script.id(kind, self.wish.days.persona.number, self.wish.days.episode, self.turn, number)


def days_of(wish: TutorWish, begins: date, dice: Dice) -> tuple[date | None, bool] | None:
    """Return when such an assignment ends (None: with the exit, or not yet) and whether early; None where it is too late for one."""
    last = wish.days.last
    if begins + _SHORTEST >= last:
        return None
    if dice.chance(0.16) and (early := dice.later(begins, 35, 110)) + _SHORTEST < last:
        return early, True
    if dice.chance(0.4) and (concluded := dice.later(begins, 150, 300)) < last:
        return concluded, False
    return None, False
