"""The planned caseload against the real services, in memory: nothing planned is refused, and the same plan again changes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import pytest

from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, ProgrammeAdmitted
from contracts.pathways import MilestoneReached, PathwayClosed, PathwayOpened, PlanAgreed, TutorSupportStarted
from contracts.tutors import MeetingLogged, SilenceNoticed, TutorAssigned
from services._runtime.ids import derived_id
from services.cli.caseload.planning import plan
from tests.unit.cli.lived_in_memory import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.cli.caseload.planned import Plan, PlannedCommand

SEED, PERSONS = 2020, 16
_TAKEN_AT_REST = {"resumption", "notes", "contact-lost", "contact-regained"}


def windows_of(planned: Plan) -> list[list[PlannedCommand]]:
    return [window for _, window in planned.windows()]


async def test_a_small_caseload_is_accepted_by_every_service_and_lived_to_its_end() -> None:
    world = World()
    await world.live(windows_of(plan(SEED, PERSONS)))
    stored = world.stored()
    assert stored[BeneficiaryEnrolled.type_name] == PERSONS
    assert stored[PathwayOpened.type_name] >= PERSONS
    assert stored[PathwayClosed.type_name] == stored[BeneficiaryExited.type_name]
    assert stored[TutorSupportStarted.type_name] == stored[TutorAssigned.type_name]
    for event in (ProgrammeAdmitted, PlanAgreed, MilestoneReached, MeetingLogged, SilenceNoticed, BeneficiaryExited):
        assert stored[event.type_name] > 0, event.type_name


async def test_a_caseload_sent_again_stores_nothing_more() -> None:
    """I4: a command that is repeated under its key has no second effect."""
    world, windows = World(), windows_of(plan(SEED, 3))
    await world.live(windows)
    once = world.stored()
    await world.live(windows)
    assert world.stored() == once


@pytest.fixture(scope="module", params=[2020, 7])
def whole(request: pytest.FixtureRequest) -> Plan:
    """Give the whole caseload of the default seed, and of another."""
    return plan(request.param, 420)


def test_a_pathway_that_rests_is_told_nothing_but_notes_and_contact(whole: Plan) -> None:
    assert list(_told_at_rest(whole)) == []


def _told_at_rest(planned: Plan) -> Iterator[str]:
    resting = set[str]()
    for command in planned.commands:
        action = command.path.rpartition("/")[2]
        if command.service == "pathways" and command.stream in resting and action not in _TAKEN_AT_REST:
            yield f"{command.name} on {command.moment.date()}"
        if command.service == "pathways" and action == "suspension":
            resting.add(command.stream)
        elif command.service == "pathways" and action == "resumption":
            resting.remove(command.stream)


def test_a_pathway_is_told_nothing_between_exit_and_readmission_nor_its_own_episode_afterwards(whole: Plan) -> None:
    episodes = defaultdict[str, int](lambda: 1)
    ended = set[str]()
    for command in whole.commands:
        _, _, person, *rest = command.path.split("/")
        assert command.stream not in ended, command.name
        match command.service, rest:
            case "intake", ["exit"]:
                ended.add(f"pathway-{derived_id('pathway', person, episodes[person])}")
            case "intake", ["readmission"]:
                episodes[person] += 1
    assert ended


def test_nothing_is_said_to_have_happened_after_the_day_it_is_recorded(whole: Plan) -> None:
    for command in whole.commands:
        occurred = json.loads(command.body).get("occurred_on")
        assert occurred is None or date.fromisoformat(occurred) <= command.moment.date(), command.name
