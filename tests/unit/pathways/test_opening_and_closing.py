"""How a pathway opens, rests, goes on and closes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from contracts.errors import Unknown
from contracts.pathways import (
    ContactLost,
    ContactRegained,
    NoteAdded,
    PathwayClosed,
    PathwayOpened,
    PathwayResumed,
    PathwaySuspended,
    TutorSupportEnded,
    TutorSupportStarted,
)
from services.pathways.app.decider import person, place
from services.pathways.domain.commands import (
    AddNote,
    ClosePathway,
    EndTutorSupport,
    LoseContact,
    RegainContact,
    ResumePathway,
    SetGoal,
    StartTutorSupport,
    SuspendPathway,
)
from services.pathways.domain.pathway import Closed, ImpossibleHistory, NotOpened, Open, Suspended
from services.pathways.domain.refusals import (
    AlreadyRecorded,
    ContactLostAlready,
    ContactNotLost,
    NotRecorded,
    PathwayClosedAlready,
    PathwayIsSuspended,
    PathwayNotSuspended,
    PathwayOpenedAlready,
)
from tests.unit.pathways.cases import (
    AGREED,
    ASSIGNMENT,
    BENEFICIARY,
    FIRST_REVIEW,
    IDS,
    OPEN,
    PATHWAY,
    PATHWAY_ID,
    PATHWAYS,
    TUTOR,
    an_id,
    history,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.pathways.domain.commands import PathwayCommand

CLOSE = ClosePathway(outcome="pathway-completed", destination="own-home")
SUSPEND = SuspendPathway(reason_code="temporarily-elsewhere", reason="with his brother")
START = StartTutorSupport(assignment_id=ASSIGNMENT, tutor_id=TUTOR)


def test_a_pathway_opens_under_the_current_methodology_and_belongs_to_its_organisation_and_person() -> None:
    """A pathway opens where the person was enrolled."""
    state = (
        PATHWAYS([])
        .when(OPEN)
        .then(
            [
                PathwayOpened(
                    pathway_id=PATHWAY_ID,
                    beneficiary_id=BENEFICIARY,
                    episode=1,
                    organisation="ciac",
                    territory="PR",
                    municipality="034027",
                    methodology_version="1.0",
                )
            ]
        )
    )
    assert (place(state).responsible_organisation, place(state).territory, place(state).municipality) == ("ciac", "PR", "034027")
    assert person(state) == BENEFICIARY


def test_a_pathway_that_never_opened_belongs_nowhere_and_takes_no_other_command() -> None:
    """Nothing can be recorded before the pathway opens."""
    assert place(NotOpened()).responsible_organisation is None
    assert person(NotOpened()) is None
    PATHWAYS([]).when(CLOSE).refused(Unknown)


@pytest.mark.parametrize("before", [(OPEN,), (OPEN, SUSPEND)])
def test_a_pathway_opens_once(before: Sequence[PathwayCommand]) -> None:
    """A second opening is refused while it runs and while it rests."""
    PATHWAYS(history(*before)).when(OPEN).refused(PathwayOpenedAlready)


@pytest.mark.parametrize("command", [OPEN, CLOSE, START, AddNote(note_id=an_id("n"), text="t"), LoseContact(), SUSPEND])
def test_a_closed_pathway_takes_nothing(command: object) -> None:
    """After the exit, everything is refused, a tutor's late support as well."""
    PATHWAYS(history(OPEN, CLOSE)).when(command).refused(PathwayClosedAlready)


def test_closing_ends_the_support_that_still_runs() -> None:
    """Support that runs ends with the pathway; support that ended before is not ended again."""
    other = an_id("other assignment")
    events = history(
        OPEN, START, StartTutorSupport(assignment_id=other, tutor_id=TUTOR), EndTutorSupport(assignment_id=other, reason="moved")
    )
    state = (
        PATHWAYS(events)
        .when(CLOSE)
        .then(
            [
                TutorSupportEnded(**IDS, assignment_id=ASSIGNMENT, tutor_id=TUTOR, reason="pathway-closed"),
                PathwayClosed(**IDS, episode=1, outcome="pathway-completed", destination="own-home", review_due=None),
            ]
        )
    )
    assert isinstance(state, Closed)
    assert state.outcome == "pathway-completed"


def test_closing_tells_which_review_is_awaited_no_longer() -> None:
    """The awaited review's day travels with the closing, so that its timer can be settled."""
    state = (
        PATHWAYS(history(*AGREED))
        .when(CLOSE)
        .then([PathwayClosed(**IDS, episode=1, outcome="pathway-completed", destination="own-home", review_due=FIRST_REVIEW)])
    )
    assert isinstance(state, Closed)
    assert state.course.review_due is None


def test_a_suspended_pathway_awaits_no_review_and_a_resumed_one_awaits_the_next() -> None:
    """Rest stops the clock of reviews; going on starts it again."""
    events = history(*AGREED)
    suspended = PathwaySuspended(**IDS, reason_code="temporarily-elsewhere", review_due=FIRST_REVIEW, reason="with his brother")
    state = PATHWAYS(events).when(SUSPEND).then([suspended])
    assert isinstance(state, Suspended)
    assert state.course.review_due is None
    resumed = PathwayResumed(**IDS, review_due=date(2021, 8, 30))
    after = PATHWAYS([*events, suspended]).when(ResumePathway(on=date(2021, 6, 1))).then([resumed])
    assert isinstance(after, Open)
    assert after.course.review_due == date(2021, 8, 30)


def test_a_resumed_pathway_without_a_plan_awaits_no_review() -> None:
    """Only an agreed plan is reviewed."""
    PATHWAYS(history(OPEN, SUSPEND)).when(ResumePathway(on=date(2021, 6, 1))).then([PathwayResumed(**IDS, review_due=None)])


def test_a_suspended_pathway_takes_notes_and_facts_of_contact_and_of_the_tutors_service() -> None:
    """What may be kept while it rests; a tutor's support happened elsewhere and is noted all the same."""
    events = history(OPEN, SUSPEND)
    PATHWAYS(events).when(AddNote(note_id=an_id("note"), text="he called")).then_types(NoteAdded)
    PATHWAYS(events).when(LoseContact()).then_types(ContactLost)
    PATHWAYS(events).when(START).then_types(TutorSupportStarted)
    PATHWAYS(events).when(CLOSE).then_types(PathwayClosed)


@pytest.mark.parametrize("command", [SUSPEND, SetGoal(goal_id=an_id("goal"), area="work", description="a job"), *AGREED[1:]])
def test_a_suspended_pathway_takes_nothing_else(command: object) -> None:
    """Work on it waits for its resumption."""
    PATHWAYS(history(OPEN, SUSPEND)).when(command).refused(PathwayIsSuspended)


def test_an_open_pathway_cannot_be_resumed() -> None:
    """There is nothing to resume."""
    PATHWAYS(history(OPEN)).when(ResumePathway(on=date(2021, 6, 1))).refused(PathwayNotSuspended)


def test_contact_is_lost_and_regained_in_turn() -> None:
    """Neither is recorded twice in a row."""
    lost = history(OPEN, LoseContact(notes="number changed"))
    PATHWAYS(lost).when(LoseContact()).refused(ContactLostAlready)
    PATHWAYS(lost).when(RegainContact()).then([ContactRegained(**IDS)])
    PATHWAYS(history(OPEN)).when(RegainContact()).refused(ContactNotLost)


def test_a_note_is_recorded_once() -> None:
    """An id of the client's is used once on a pathway."""
    note = AddNote(note_id=an_id("note"), text="he called")
    PATHWAYS(history(OPEN)).when(note).then([NoteAdded(**IDS, note_id=an_id("note"), text="he called")])
    PATHWAYS(history(OPEN, note)).when(note).refused(AlreadyRecorded)


def test_a_tutors_support_starts_and_ends_once() -> None:
    """Support is noted as the tutors service told it."""
    PATHWAYS(history(OPEN)).when(START).then([TutorSupportStarted(**IDS, assignment_id=ASSIGNMENT, tutor_id=TUTOR)])
    PATHWAYS(history(OPEN, START)).when(START).refused(AlreadyRecorded)
    end = EndTutorSupport(assignment_id=ASSIGNMENT, reason="concluded")
    PATHWAYS(history(OPEN, START)).when(end).then([TutorSupportEnded(**IDS, assignment_id=ASSIGNMENT, tutor_id=TUTOR, reason="concluded")])
    PATHWAYS(history(OPEN, START, end)).when(end).refused(NotRecorded)
    PATHWAYS(history(OPEN)).when(end).refused(NotRecorded)


def test_a_history_that_no_decider_wrote_is_not_read() -> None:
    """A damaged stream stops instead of giving a state that never was."""
    opened, closed = history(OPEN, CLOSE)
    for impossible in ([closed], [opened, opened], [opened, closed, closed]):
        with pytest.raises(ImpossibleHistory):
            PATHWAYS(impossible).state()
    assert PATHWAY.stream(PATHWAY_ID) == f"pathway-{PATHWAY_ID}"
