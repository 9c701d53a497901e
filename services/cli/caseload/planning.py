"""From a seed to a plan: the cast, each person's story, then the tutors who are found for them in the order of their need."""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from services.cli.caseload.assignment_story import AssignmentStory, days_of
from services.cli.caseload.dice import Dice
from services.cli.caseload.double_story import Double
from services.cli.caseload.elsewhere_story import Elsewhere
from services.cli.caseload.follow_up_story import Office, follow
from services.cli.caseload.group_story import Groups
from services.cli.caseload.intake_story import Intake, form_household
from services.cli.caseload.methodology_story import publish
from services.cli.caseload.pathway_days import PathwayDays
from services.cli.caseload.pathway_story import PathwayStory
from services.cli.caseload.people import cast
from services.cli.caseload.places import places
from services.cli.caseload.referral_story import Desk
from services.cli.caseload.script import Script, Target
from services.cli.caseload.team_story import Team
from services.cli.caseload.transfer_story import moves_away, neighbours
from services.cli.caseload.tutor_register import Register
from services.cli.caseload.tutor_story import TutorStory
from services.cli.caseload.tutor_wish import TutorWish

if TYPE_CHECKING:
    from services.cli.caseload.people import Persona
    from services.cli.caseload.planned import Plan

_TUTORS_OF_A_PLACE = 1000
_ONE_FAILS_OF = 15


class Around(NamedTuple):
    """Who works around the persons of one organisation."""

    team: Team
    groups: Groups


def plan(seed: int, persons: int) -> Plan:
    """Return the commands of two years in the life of so many persons: the same ones for the same seed and number, always."""
    script = Script(seed, persons)
    publish(script)
    number = 1
    for at, place in enumerate(places(persons)):
        Desk(script, place, at).tell()
        team, groups = Team(script, place, at), Groups(script, place, at)
        team.tell()
        groups.tell()
        families = cast(place, number, Dice(seed, persons, "cast", place.organisation))
        wishes = [wish for family in families for wish in _family(script, family, Around(team, groups))]
        office = Office(script, place, at)
        office.tell()
        _tutor(office, at * _TUTORS_OF_A_PLACE, wishes)
        number += place.persons
    return script.plan()


def _family(script: Script, family: list[Persona], around: Around) -> list[TutorWish]:
    household = form_household(script, family[0]) if len(family) > 1 else None
    wishes = list[TutorWish]()
    for persona in family:
        intake = Intake(script, persona, Dice(script.seed, script.persons, "intake", persona.number))
        intake.begin()
        if household is not None:
            intake.link(household)
        wishes += _care(intake, around)
        Double(script, persona).tell()
        Elsewhere(script, persona).tell()
    return wishes


def _care(intake: Intake, around: Around) -> list[TutorWish]:
    persona = intake.persona
    intake.ask_admission()
    intake.live()
    wish = _pathway(intake, around, 1, persona.enrolled, persona.leaves)
    if wish is not None and moves_away(intake):
        # A tutor of another province is none for who moves away.
        wish = replace(wish, handed_over=True) if neighbours(intake) else None
    wishes = [wish]
    if persona.leaves is not None:
        intake.leave(persona.leaves)
    if (back := intake.returns()) is not None:
        wishes.append(_pathway(intake, around, 2, back, None))
    return [wish for wish in wishes if wish is not None]


def _pathway(intake: Intake, around: Around, episode: int, opened: date, closes: date | None) -> TutorWish | None:
    persona = intake.persona
    days = PathwayDays(
        script=intake.script,
        persona=replace(persona, enrolled=opened),
        dice=Dice(intake.script.seed, intake.script.persons, "pathway", persona.number, episode),
        beneficiary_id=intake.beneficiary_id,
        episode=episode,
        opened=opened,
        closes=closes,
    )
    days.teamed = around.team.take(days)
    wish = PathwayStory(days).tell()
    if days.agreed is not None:
        around.groups.attend(days, days.agreed)
    return wish


def _tutor(office: Office, first_number: int, wishes: list[TutorWish]) -> None:
    """Find the tutors of one organisation: needs are met in the order of their days, and an early end is a new need."""
    script, place = office.script, office.place
    dice = Dice(script.seed, script.persons, "tutors", place.organisation)
    register = Register(place, first_number, dice)
    turns = count()
    needs = list[tuple[date, int, int, TutorWish, AssignmentStory | None]]()
    for wish in wishes:
        if dice.chance(0.78):
            heapq.heappush(needs, (dice.later(wish.agreed, 8, 40), next(turns), 1, wish, None))
        elif dice.chance(0.4):
            _withdraw(script, wish, dice)
    while needs:
        begins, _, turn, wish, before = heapq.heappop(needs)
        until = days_of(wish, begins, dice)
        if until is None:
            continue
        ends, early = until
        tutor = register.tutor_for(begins, other_than=None if before is None else before.tutor)
        story = AssignmentStory(
            script=script, wish=wish, tutor=tutor, begins=begins, ends=ends, early=early, turn=turn,
            dice=Dice(script.seed, script.persons, "assignment", wish.days.persona.number, wish.days.episode, turn),
            continues=before if before is not None and before.taken_over else None,
        )  # fmt: skip
        story.tell()
        tutor.held.append((begins, story.occupied))
        if early:
            waits = dice.later(story.last, 10, 35)
            heapq.heappush(needs, (story.last if story.taken_over else waits, next(turns), turn + 1, wish, story))
    _tell_register(office, register, dice)


def _tell_register(office: Office, register: Register, dice: Dice) -> None:
    script = office.script
    for tutor in register.tutors:
        story = TutorStory(script, tutor, Dice(script.seed, script.persons, "tutor", tutor.number))
        story.tell()
        follow(story, office)
        if tutor.number % _ONE_FAILS_OF == 1:
            failed = replace(tutor, number=tutor.number + _TUTORS_OF_A_PLACE // 2, held=[])
            TutorStory(script, failed, dice).tell_failed()


def _withdraw(script: Script, wish: TutorWish, dice: Dice) -> None:
    """Tell that the person wants no tutor any more, before one was found."""
    day, request, persona = dice.later(wish.agreed, 10, 40), wish.request_id, wish.days.persona
    if day < wish.days.last - timedelta(days=1):
        target = Target(service="tutors", path=f"/tutor-requests/{request}", stream=f"request-{request}", lane=persona.lane)
        script.say(day, target, "/withdrawal", persona.coordinator, {"reason": "no_longer_wanted"})
