"""A pathway follows responsibility, which is intake's to say: in whichever order anything is delivered, and more than once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from contracts.errors import Unknown
from contracts.handing_over import PathwayHandedOver
from contracts.pathways import NoteAdded, PathwayOpened
from contracts.teams import TeamAssigned
from contracts.transfers import TransferAccepted
from services._runtime.access.roles import Role
from services._runtime.clock import day_of
from services._runtime.decider import Context, Placement
from services._runtime.errors import NotYet
from services._runtime.handling import Step
from services._runtime.reactions import delivered
from services._runtime.store.port import InboxEntry
from services.pathways.adapters.views import pathway_view
from services.pathways.app.decider import place
from services.pathways.app.teams import TEAM, joined
from services.pathways.domain.commands import AddNote, AssignTeam, ClosePathway, SuspendPathway
from services.pathways.domain.handing_over import HandOver
from services.pathways.domain.pathway import Closed, NotOpened
from services.pathways.domain.team import FormTeam, JoinTeam
from services.pathways.projections.pathway_list import PATHWAY_LIST
from tests.support.endpoints import StandIn
from tests.support.read_models import feed_of, given, happened
from tests.unit.pathways.cases import BENEFICIARY, IDS, OPEN, PATHWAY, PATHWAYS, an_id, history
from tests.unit.pathways.test_process_managers import ASSIGNED, ENROLLED, EXITED, FIRST, NOW, READMITTED, SECOND, Service

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services.pathways.domain.course import Course

TEAM_ID = an_id("team")
HAND = HandOver(transfer_id=an_id("transfer"), organisation="cidas", territory="FE", municipality=None, sender="ciac", responsibility=7)
HANDED = PathwayHandedOver(**IDS, transfer_id=an_id("transfer"), organisation="cidas", territory="FE", sender="ciac", responsibility=7)
CLOSE = ClosePathway(outcome="pathway-completed", destination="own-home")
SUSPEND = SuspendPathway(reason_code="other", reason="words")
MEMBER = StandIn(Role.CASE_WORKER, "comune-parma", sub="social-worker-7")


def transferred(*, to: str = "cidas", sender: str = "ciac", episode: int = 1) -> TransferAccepted:
    """Return the acceptance of a transfer."""
    return TransferAccepted(
        beneficiary_id=BENEFICIARY,
        transfer_id=an_id(f"transfer to {to}"),
        episode=episode,
        organisation=to,
        territory="FE" if to == "cidas" else "BO",
        sender=sender,
        admissions=(),
    )


@pytest.mark.parametrize("before", [[OPEN], [OPEN, SUSPEND], [OPEN, CLOSE]], ids=["open", "suspended", "closed"])
def test_whatever_a_pathway_is_at_it_becomes_the_receivers(before: list[object]) -> None:
    """Also a closed one: whoever had it before reaches it no more."""
    state = PATHWAYS(history(*before)).when(HAND).then([HANDED])  # type: ignore[arg-type] # commands of a pathway
    assert place(state) == Placement(responsible_organisation="cidas", territory="FE", municipality=None)


def test_what_was_followed_or_overtaken_before_changes_nothing() -> None:
    """I4: intake's version of the fact decides, not the order of arrival."""
    for version in (7, 6):
        PATHWAYS(history(OPEN, HAND)).when(replace(HAND, responsibility=version, organisation="arca-di-noe")).then([])
    PATHWAYS(history(OPEN, HAND)).when(replace(HAND, responsibility=8)).then([HANDED.model_copy(update={"responsibility": 8})])


def test_a_pathway_that_never_opened_is_not_handed_over() -> None:
    """It is retried until the enrolment has come."""
    PATHWAYS([]).when(HAND).refused(Unknown)


def test_the_team_of_the_organisation_before_has_it_no_longer() -> None:
    """The receiver gives it to a team of its own, even to the same one."""
    assign = AssignTeam(team_id=TEAM_ID)
    PATHWAYS(history(OPEN, assign, HAND)).when(assign).then([TeamAssigned(**IDS, team_id=TEAM_ID)])


def test_the_list_shows_it_to_the_receiver_and_to_no_team() -> None:
    """I8: by organisation, territory and team."""
    opened = PathwayOpened(**IDS, episode=1, organisation="ciac", territory="PR", municipality="034027", methodology_version="1.0")
    row = given(opened, TeamAssigned(**IDS, team_id=TEAM_ID), HANDED, source="pathways").then(PATHWAY_LIST).row(IDS["pathway_id"])
    assert row is not None
    assert (row.organisation, row.territory, row.municipality, row.team_id) == ("cidas", "FE", None, None)


async def test_a_transfer_hands_over_the_pathways_of_every_episode() -> None:
    """The receiver sees the history; the sender finds the person no more (I8)."""
    service = Service()
    for event in feed_of("intake", [ENROLLED, EXITED, READMITTED, transferred(episode=2)]):
        assert await service.receive(event) == "done"
    for pathway in (FIRST, SECOND):
        opened = await service.commands.read(PATHWAY, pathway)
        assert place(opened.state).responsible_organisation == "cidas"
        assert opened.stored[-1].recorded.envelope.responsible_organisation == "cidas"
        assert opened.stored[0].recorded.envelope.responsible_organisation == "ciac", "history stays whose it was"


async def test_running_again_from_the_first_event_changes_nothing() -> None:
    """I4: the version alone makes it idempotent; the inbox only spares the work."""
    service = Service()
    feed = feed_of("intake", [ENROLLED, transferred(), transferred(to="arca-di-noe", sender="cidas")])
    for event in feed:
        await service.receive(event)
    before = await service.recorded(FIRST)
    for event in feed[1:]:
        came = delivered(event, NOW)
        await service.manager.reactions[TransferAccepted](came, service.commands, InboxEntry("again", came.envelope.event_id))
    assert await service.recorded(FIRST) == before
    assert [type(event) for event in before] == [PathwayOpened, PathwayHandedOver, PathwayHandedOver]


async def test_what_slipped_in_before_the_delivery_stays_with_whoever_recorded_it_and_is_compensated() -> None:
    """A note of the sender's is withheld from the receiver, and a team that it assigned late does not see the pathway."""
    service = Service()
    enrolled, moved = feed_of("intake", [ENROLLED, transferred()])
    await service.receive(enrolled)
    # Intake has accepted, the sender does not know yet, and neither does pathways.
    await _tell(service, FIRST, AddNote(note_id=an_id("late note"), text="nota"))
    await _team(service)
    await _tell(service, FIRST, AssignTeam(team_id=TEAM_ID))
    stored = await service.store.load(PATHWAY.stream(FIRST))
    assert await joined(service.store, stored, MEMBER, day_of(NOW), "pathways.read")
    assert await service.receive(moved) == "done"
    stored = await service.store.load(PATHWAY.stream(FIRST))
    assert not await joined(service.store, stored, MEMBER, day_of(NOW), "pathways.read")
    assert [each.recorded.envelope.responsible_organisation for each in stored] == ["ciac", "ciac", "ciac", "cidas"]
    await _tell(service, FIRST, AddNote(note_id=an_id("own note"), text="nota"))
    view = pathway_view(await service.commands.read(PATHWAY, FIRST))
    assert view.withheld_notes == 1
    assert [fact.fields["note_id"] for fact in view.history if fact.type == NoteAdded.type_name] == [str(an_id("own note"))]


ARRIVALS = ("enrolled", "team", "assigned", "transferred", "onward", "exited")


async def test_every_order_of_delivery_ends_the_same() -> None:
    """I4: all 720 of them, with one transfer after another; what comes before its cause is tried again."""
    intake = dict(zip(("enrolled", "transferred", "onward", "exited"), feed_of("intake", _LIFE), strict=True))
    (assigned,) = feed_of("tutors", [ASSIGNED])
    for order in permutations(ARRIVALS):
        service, waiting = Service(), list(order)
        await _team(service)
        while waiting:
            name = waiting.pop(0)
            if not await _arrives(service, name, {**intake, "assigned": assigned}):
                waiting.append(name)
        state = (await service.commands.read(PATHWAY, FIRST)).state
        assert isinstance(state, Closed), order
        course: Course = state.course
        assert (course.organisation, course.territory, course.municipality, course.responsibility) == ("arca-di-noe", "BO", None, 3), order
        assert (course.team, [each for each in course.assignments.values() if not each.ended]) == (None, []), order


_LIFE = [ENROLLED, transferred(), transferred(to="arca-di-noe", sender="cidas"), EXITED]


async def _arrives(service: Service, name: str, events: dict[str, FeedEvent]) -> bool:
    """Have something happen; False where its cause has not come yet. A team of the sender's is given it while it is theirs."""
    if name == "team":
        state = (await service.commands.read(PATHWAY, FIRST)).state
        if isinstance(state, NotOpened):
            return False
        if place(state).responsible_organisation == "ciac" and not isinstance(state, Closed):
            await _tell(service, FIRST, AssignTeam(team_id=TEAM_ID))
        return True
    try:
        await service.receive(events[name])
    except NotYet:
        return False
    return True


async def _team(service: Service) -> None:
    """Have a team in which a municipality's social worker is."""
    form = FormTeam(team_id=TEAM_ID, organisation="ciac", territory="PR")
    join = JoinTeam(member=MEMBER.sub, organisation=MEMBER.organisation, profession="social-worker", since=date(2021, 1, 1))
    for command in (form, join):
        await service.commands.execute(Step(TEAM, TEAM_ID, command), context=_context())


async def _tell(service: Service, pathway: UUID, command: object) -> None:
    await service.commands.execute(Step(PATHWAY, pathway, command), context=_context())


def _context() -> Context:
    return Context(
        actor="worker-1",
        organisation="ciac",
        role="case-worker",
        purpose="integration",
        correlation=an_id("correlation"),
        now=NOW,
        occurred_on=day_of(NOW),
    )


def test_the_events_of_a_made_up_feed_have_the_versions_that_the_tests_speak_of() -> None:
    """The second transfer is the third event of the person's stream."""
    assert [event.recorded.envelope.stream_version for event in feed_of("intake", [happened(each) for each in _LIFE])] == [1, 2, 3, 4]
