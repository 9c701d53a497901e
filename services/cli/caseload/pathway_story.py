"""The story of one pathway: goals, a plan that two agree with the person, setbacks, reviews, rests, and its last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.cli.caseload.catalogue import ACTIONS, AREAS, GOALS, NOTES
from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.measuring_story import Measuring
from services.cli.caseload.support_story import deliver, fear, reach_milestones, support
from services.cli.caseload.tutor_wish import TutorWish

if TYPE_CHECKING:
    from services.cli.caseload.pathway_days import PathwayDays

_REVIEW = timedelta(days=90)
_SETTLED = timedelta(days=40)
_UNCONFIRMED = timedelta(days=21)
"""By when an accepted plan runs that nobody confirmed: ten working days, with whatever holidays fall into them."""
_RESPONSIBLE = {"beneficiary": 4, "team": 4, "tutor": 1, "service": 2}
_RESTS = {"asked-by-the-person": 3, "temporarily-elsewhere": 4, "unreachable": 2, "other": 1}
_SUMMARY = "Piano concordato: obiettivi, passi, chi li fa ed entro quando."


@dataclass(slots=True)
class PathwayStory:
    """Tells one pathway from its opening on."""

    days: PathwayDays

    def tell(self) -> TutorWish | None:
        """Add everything that happens on the pathway; return the wish for a tutor where the agreed plan has one."""
        days, dice = self.days, self.days.dice
        measuring = Measuring(days)
        recorded = measuring.baseline()
        proposed = dice.later(recorded, 6, 24)
        self._aims(recorded, proposed)
        wanted = not days.persona.child and dice.chance(0.74)
        agreed = self._plan(proposed, wants_tutor=wanted)
        if agreed is not None:
            self._go_on(agreed, measuring)
        self._keep_in_touch()
        if days.closes is not None and not dice.chance(0.12):
            measuring.leaving(days.closes)
        if agreed is None or not wanted:
            return None
        return TutorWish(days, agreed)

    def _go_on(self, agreed: date, measuring: Measuring) -> None:
        days, dice = self.days, self.days.dice
        days.agreed = agreed
        self._rest(agreed)
        self._review(agreed)
        deliver(days, agreed)
        support(days, agreed)
        fear(days, agreed)
        reach_milestones(days, agreed)
        measuring.half_way(dice.later(agreed, 150, 200))
        if dice.chance(0.08):
            self._revise(agreed)

    def _aims(self, first: date, proposed: date) -> None:
        days, dice = self.days, self.days.dice
        span = (proposed - first).days
        for dimension in dice.some(list(AREAS), dice.weighted({2: 6, 3: 4})):
            area = dice.pick(AREAS[dimension])
            goal, set_on = days.new_id("goal"), dice.later(first, 0, span // 2)
            days.say(set_on, "goals", {"goal_id": goal, "area": area, "description": GOALS[area]})
            for _ in range(dice.weighted({1: 7, 2: 3})):
                self._act(goal, set_on)
            if dice.chance(0.05):
                days.later.append((dice.later(proposed, 60, 160), "goal-drops", {"goal_id": goal, "reason": "Ora è più importante altro."}))

    def _act(self, goal: str, set_on: date) -> None:
        days, dice = self.days, self.days.dice
        action, due = days.new_id("action"), dice.later(set_on, 30, 150)
        body = {
            "action_id": action,
            "goal_id": goal,
            "responsible": dice.weighted(_RESPONSIBLE),
            "description": dice.pick(ACTIONS),
            "due_on": due.isoformat(),
        }
        days.say(set_on, "actions", body)
        if dice.chance(0.6):
            days.later.append((dice.later(due, -10, 40), "actions-done", {"action_id": action}))

    def _plan(self, proposed: date, *, wants_tutor: bool) -> date | None:
        """Tell the proposals until one is agreed, by a second member of the team; some wait for an answer for ever."""
        days, dice = self.days, self.days.dice
        language = days.persona.languages[0]
        version = 1
        while True:
            self._propose(proposed, wants_tutor=wants_tutor)
            answered = dice.later(proposed, 2, 9)
            if dice.chance(0.03):
                return None
            if version > 1 or not dice.chance(0.14):
                break
            days.say(answered, "plan-refusals", {"plan_version": version, "reason": "Chiede di cambiare gli obiettivi sulla casa."})
            proposed, version = dice.later(answered, 10, 25), version + 1
        reads = dice.chance(0.6)
        body = {"plan_version": version, "language": language, "reads_language": reads}
        agreement = body if reads else body | {"mediator": "Mediazione Demo"}
        days.plan_version = version
        alone = Dice(days.script.seed, days.script.persons, "alone", days.persona.number, days.episode)
        if not days.teamed and alone.chance(0.3):
            return self._confirm(answered, version, agreement, confirmed=alone.chance(0.6))
        return answered if days.say(answered, "plan-agreements", agreement, login=days.persona.second) else None

    def _confirm(self, accepted: date, version: int, agreement: dict[str, object], *, confirmed: bool) -> date | None:
        """Tell a plan to which the team has no second member: the lead's contact confirms it, or it runs flagged two weeks later."""
        days = self.days
        told = days.say(accepted, "plan-acceptances", agreement)
        on = working_day(accepted + timedelta(days=3)) if confirmed else accepted + _UNCONFIRMED
        if confirmed:
            told = days.say(on, "plan-confirmations", {"plan_version": version}, login="lead-partner.ciac") and told
        return on if told else None

    def _propose(self, day: date, *, wants_tutor: bool) -> None:
        days = self.days
        days.wants_tutor = wants_tutor
        days.say(day, "plan-proposals", {"wants_tutor": wants_tutor, "language": days.persona.languages[0], "summary": _SUMMARY})

    def _revise(self, agreed: date) -> None:
        """Tell a revision in the plan's first months: same wishes, agreed by the second member again."""
        days, dice = self.days, self.days.dice
        proposed = days.free(dice.later(agreed, 60, 200))
        answered = days.free(dice.later(proposed, 2, 8)) if proposed else None
        if proposed is None or answered is None:
            return
        self._propose(proposed, wants_tutor=days.wants_tutor)
        body = {"plan_version": days.plan_version + 1, "language": days.persona.languages[0], "reads_language": True}
        days.say(answered, "plan-agreements", body, login=days.persona.second)

    def _rest(self, agreed: date) -> None:
        """Tell a time in which the pathway rests; most have none."""
        days, dice = self.days, self.days.dice
        begins = dice.later(agreed, 50, 260)
        ends = dice.later(begins, 20, 75)
        if dice.chance(0.09) and ends + _SETTLED < days.last:
            days.say(begins, "suspension", {"reason_code": dice.weighted(_RESTS)})
            days.say(ends, "resumption", {})
            days.rests = (begins, ends)

    def _review(self, agreed: date) -> None:
        """Tell the reviews: most in time, some so late that the one before is noticed as overdue."""
        days, dice, last = self.days, self.days.dice, agreed
        while True:
            due = last + _REVIEW
            if days.rests is not None and last <= days.rests[1] and days.rests[0] <= due:
                due = max(due, days.rests[1] + _REVIEW)
            held = days.free(dice.later(due, 21, 45) if dice.chance(0.2) else working_day(due - timedelta(days=dice.between(4, 12))))
            if held is None:
                return
            days.say(held, "reviews", {"review_id": days.new_id("review")})
            last = held

    def _keep_in_touch(self) -> None:
        """Tell notes, contact lost and found again, and what became of goals and actions."""
        days, dice = self.days, self.days.dice
        for day, action, body in days.later:
            days.say_when_free(day, action, body, late=dice.chance(0.08))
        for _ in range(dice.weighted({0: 4, 1: 4, 2: 2})):
            days.say_when_free(dice.later(days.opened, 15, 330), "notes", {"note_id": days.new_id("note"), "text": dice.pick(NOTES)})
        lost = dice.later(days.opened, 60, 300)
        if dice.chance(0.07) and days.free(lost) == lost:
            days.say(lost, "contact-lost", {})
            if (regained := days.free(dice.later(lost, 12, 60))) is not None:
                days.say(regained, "contact-regained", {})
