"""The volunteers of groups and associations: named in the register, beside persons two at a time, at meetings, and gone again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.people import name

if TYPE_CHECKING:
    from services.cli.caseload.assignment_story import AssignmentStory
    from services.cli.caseload.script import Script
    from services.cli.caseload.tutor_register import Tutor
    from services.cli.caseload.tutor_story import TutorStory

_DAY = timedelta(days=1)
_AT_A_TIME = 2
_APART = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteer:
    """One volunteer of a tutor, by their days on the register; `left` is the first day without them."""

    key: str
    name: str
    occasional: bool
    joined: date
    left: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A volunteer beside a person: from a day, up to the first day without them."""

    key: str
    since: date
    until: date | None

    def there(self, day: date) -> bool:
        """Tell whether they stand there on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def volunteers_of(script: Script, tutor: Tutor) -> list[Volunteer]:
    """Return who volunteers with a tutor; nobody does with a citizen."""
    if tutor.kind == "citizen":
        return []
    dice = Dice(script.seed, script.persons, "volunteers", tutor.place.organisation, tutor.number)
    found = list[Volunteer]()
    for number in range(dice.between(2, 4)):
        joined = dice.later(tutor.registered, 8, 40)
        found.append(
            Volunteer(
                key=str(script.id("volunteer", tutor.place.organisation, tutor.number, number)),
                name=f"{name(dice, 2)} Demo {name(dice, 3)}",
                occasional=dice.chance(0.2),
                joined=joined,
                left=dice.later(joined, 60, 200) if dice.chance(0.15) else None,
            )
        )
    return found


def enter(story: TutorStory) -> None:
    """Add that a tutor's volunteers are named, and that some leave the group, and with it whomever they stand beside."""
    for one in volunteers_of(story.script, story.tutor):
        body = {"volunteer_id": one.key, "name": one.name}
        story.say(one.joined, "/volunteers", body | ({"section": "occasional"} if one.occasional else {}))
        if one.left is not None:
            story.say(one.left, "/volunteer-departures", {"volunteer_id": one.key})


def stand_beside(story: AssignmentStory) -> list[Beside]:
    """Add which volunteers stand beside the person, and that one of them stops; return their days, for the meetings."""
    dice = Dice(story.script.seed, story.script.persons, "beside", story.assignment_id)
    found = list[Beside]()
    for one in volunteers_of(story.script, story.tutor):
        since = working_day(max(story.begins, one.joined + _APART) + _DAY)
        if len(found) == _AT_A_TIME or since >= story.last or not story.tutor.insured_on(since) or not _apart(one.left, since, story):
            continue
        story.say(since, "volunteers", {"volunteer_id": one.key})
        until = one.left
        stops = dice.later(since, 40, 120)
        if dice.chance(0.15) and stops < story.last and (one.left is None or stops + _APART < one.left):
            story.say(stops, "volunteer-departures", {"volunteer_id": one.key})
            until = stops
        found.append(Beside(key=one.key, since=since, until=until))
    return found


def _apart(left: date | None, since: date, story: AssignmentStory) -> bool:
    """Tell whether leaving the group falls together with nothing of the assignment: the two are told in different lanes."""
    return left is None or since + _APART < left < story.last - _APART or left > story.occupied + _APART
