"""The planned caseload against the real services, in memory: nothing planned is refused, and the same plan again changes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from contracts.assignments import MeetingLogged, SilenceNoticed, TutorAssigned
from contracts.intake import BeneficiaryEnrolled, BeneficiaryExited, ProgrammeAdmitted
from contracts.pathways import MilestoneReached, PathwayClosed, PathwayOpened, TutorSupportStarted
from contracts.plans import PlanAgreed
from services._runtime.ids import derived_id
from services.cli.caseload.planning import plan
from services.cli.services import services
from services.cli.verification.coverage import uncovered
from tests.unit.cli.lived_in_memory import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.cli.caseload.planned import Plan, PlannedCommand

SEED, PERSONS = 2020, 12
ENOUGH_FOR_ALL = 150
"""So many persons that also what is rare happens to one of them."""
_TAKEN_AT_REST = {"resumption", "notes", "contact-lost", "contact-regained"}


def windows_of(planned: Plan) -> list[list[PlannedCommand]]:
    return [window for _, window in planned.windows()]


async def test_a_small_caseload_is_accepted_by_every_service_and_lived_to_its_end() -> None:
    world, windows = World(), windows_of(plan(SEED, PERSONS))
    await world.live(windows)
    stored = world.stored()
    # Somebody may be recorded twice.
    enrolments = sum(command.path.endswith("/enrolment") for window in windows for command in window)
    assert stored[BeneficiaryEnrolled.type_name] == enrolments >= PERSONS
    assert stored[PathwayOpened.type_name] >= PERSONS
    assert stored[PathwayClosed.type_name] == stored[BeneficiaryExited.type_name]
    assert stored[TutorSupportStarted.type_name] == stored[TutorAssigned.type_name]
    for event in (ProgrammeAdmitted, PlanAgreed, MilestoneReached, MeetingLogged, SilenceNoticed, BeneficiaryExited):
        assert stored[event.type_name] > 0, event.type_name


async def test_a_caseload_brings_forth_every_event_there_is() -> None:
    """What no person of two years ever caused is a promise that nobody tried: `ancora verify --coverage` asks the same of a running one."""
    asked = dict[str, set[str]]()
    world = World(lambda service, path, _sent, _answer: asked.setdefault(service, set()).add(path))
    await world.live(windows_of(plan(SEED, ENOUGH_FOR_ALL)))
    assert uncovered(world.stored()) == []
    for name, paths in asked.items():
        assert paths <= set(services()[name].examples), "python -m tests.examples.generate"


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
        person = _id_in(command)
        assert command.stream not in ended, command.name
        match command.service, command.path.rpartition("/")[2]:
            case "intake", "exit":
                ended.add(f"pathway-{derived_id('pathway', person, episodes[person])}")
            case "intake", "readmission":
                episodes[person] += 1
    assert ended


def test_a_tutor_never_stands_beside_more_persons_than_offered_exits_counted(whole: Plan) -> None:  # noqa: C901 - a case each
    """An assignment's place is free again by its end, or by the person's exit."""
    person_of_request = {
        str(derived_id("tutor-request", derived_id("pathway", person, episode))): person
        for person in {_id_in(command) for command in whole.commands if command.path.endswith("/enrolment")}
        for episode in (1, 2)
    }
    offered, running = dict[str, int](), defaultdict[str, dict[str, str]](dict)
    for command in whole.commands:
        body, key = json.loads(command.body), _id_in(command)
        match command.service, command.path.rpartition("/")[2]:
            case "tutors", "availability":
                offered[key] = body["capacity"]
            case "tutors", _ if command.creates and command.path.startswith("/tutors/"):
                offered[key] = body["capacity"]
            case "tutors", "assignment":
                running[body["tutor_id"]][body["assignment_id"]] = person_of_request[key]
                assert len(running[body["tutor_id"]]) <= offered[body["tutor_id"]]
            case "tutors", "reassignment":
                (before,) = (held for held in running.values() if key in held)
                person = before.pop(key)
                running[body["tutor_id"]][body["assignment_id"]] = person
                assert len(running[body["tutor_id"]]) <= offered[body["tutor_id"]]
            case "tutors", "end":
                for held in running.values():
                    held.pop(key, None)
            case "intake", "exit":
                for held in running.values():
                    for assignment in [each for each, person in held.items() if person == key]:
                        del held[assignment]
    assert any(len(held) > 1 for held in running.values())


def _id_in(command: PlannedCommand) -> str:
    """Return the record's id; nothing where a command creates one whose id the service derives."""
    return command.path.partition("/")[2].partition("/")[2].partition("/")[0]
