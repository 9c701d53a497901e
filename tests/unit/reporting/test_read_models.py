"""Reporting's read models: given facts, then rows; and no row depends on how the services' feeds interleave."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from contracts.envelope import FeedEvent
from contracts.intake import HouseholdFormed, NoticeGiven
from contracts.intake_codes import NoticeChannel
from contracts.pathways import PathwayOpened
from contracts.reference import consortium
from contracts.tutors import TutorInterviewed
from services._runtime.projecting.hashing import replay_hash
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.runner import Runner
from services.reporting.projections import MODELS
from services.reporting.projections.activity import ACTIVITY, recent_days
from services.reporting.projections.latest_activity import KEPT, LATEST_ACTIVITY, latest
from services.reporting.projections.person_timeline import PERSON_TIMELINE
from services.reporting.projections.territory_progress import TERRITORY_PROGRESS, TerritoryProgress, against
from tests.support.read_models import Given, Happened, ListSource, feed_of, given, happened
from tests.support.reporting_examples import admitted, enrolled, left, moved, person


def test_an_admission_counts_in_its_province_and_only_with_international_protection_for_the_targets() -> None:
    rows = given(enrolled(1), admitted(1), admitted(2, "BG"), admitted(3, "BG", protected=False), left(1)).then(TERRITORY_PROGRESS)
    assert rows.row("ancora-2.0", "PR") == TerritoryProgress("ancora-2.0", "PR", admitted=1, counted=1, left=1)
    assert rows.row("ancora-2.0", "BG") == TerritoryProgress("ancora-2.0", "BG", admitted=2, counted=1)
    assert len(rows.rows) == 2


def test_who_moves_to_another_province_counts_there_and_everybody_counts_once() -> None:
    """The figures follow the placement: also whom leaving the programme later concerns, and who had left before."""
    moves = [admitted(1), admitted(2, protected=False), admitted(3), left(3), moved(1), moved(2, protected=False), moved(3, current=False)]
    rows = given(*moves, left(1, "FE")).then(TERRITORY_PROGRESS)
    assert rows.row("ancora-2.0", "PR") == TerritoryProgress("ancora-2.0", "PR")
    assert rows.row("ancora-2.0", "FE") == TerritoryProgress("ancora-2.0", "FE", admitted=3, counted=2, left=2)


def test_who_moves_within_the_province_changes_no_figure() -> None:
    """It is the organisation that changes."""
    rows = given(admitted(1), moved(1, territory="PR")).then(TERRITORY_PROGRESS)
    assert rows.row("ancora-2.0", "PR") == TerritoryProgress("ancora-2.0", "PR", admitted=1, counted=1)


async def test_a_transferred_person_is_followed_by_the_receiver_alone() -> None:
    """I8: whose a timeline is, the newest entry of the person's own record says."""
    rows = given(enrolled(1), moved(1)).then(PERSON_TIMELINE)
    newest = max((row for row in rows.rows.values() if row.stream == "person"), key=lambda row: row.recorded_at)
    assert (newest.organisation, newest.territory) == ("cidas", "FE")


@pytest.mark.parametrize(
    ("in_parma", "elsewhere", "percents", "reached"),
    [
        (0, 0, [0, 0], [False, False]),
        (29, 350, [99, 96], [False, False]),
        (30, 349, [99, 100], [False, True]),
        (30, 350, [100, 100], [True, True]),
    ],
)
def test_the_parma_target_is_a_part_of_the_national_one(in_parma: int, elsewhere: int, percents: list[int], reached: list[bool]) -> None:
    rows = (TerritoryProgress("ancora-2.0", "BG", 500, elsewhere), TerritoryProgress("ancora-2.0", "PR", 40, in_parma))
    targets = against(consortium().targets, rows)
    assert [one.counted for one in targets] == [in_parma + elsewhere, in_parma]
    assert [one.percent for one in targets] == percents
    assert [one.reached for one in targets] == reached


def test_a_timeline_has_every_event_of_a_person_and_nothing_that_is_personal() -> None:
    """I6."""
    notice = NoticeGiven(
        beneficiary_id=person(1), organisation="ciac", notice_version="1", how=NoticeChannel.ORALLY, mediator=True, language="ti"
    )
    rows = given(notice, enrolled(1), enrolled(2), HouseholdFormed(household_id=person(9), organisation="ciac", territory="PR"))
    entries = sorted(rows.then(PERSON_TIMELINE).rows.values(), key=lambda entry: entry.recorded_at)
    assert [(entry.person_id, entry.type) for entry in entries] == [
        (person(1), "intake.notice_given"),
        (person(1), "intake.beneficiary_enrolled"),
        (person(2), "intake.beneficiary_enrolled"),
    ]
    assert "Rossi" not in repr(entries)
    assert entries[1].digest == rows.events[1].recorded.digest


def test_activity_counts_by_the_day_on_which_it_was_recorded_in_rome() -> None:
    late = datetime(2021, 3, 1, 23, 30, tzinfo=UTC)
    rows = given(happened(admitted(1).event, recorded_at=late), admitted(2), admitted(3)).then(ACTIVITY)
    found = {(row.day, row.territory): row.events for row in rows.rows.values()}
    assert found == {(date(2021, 3, 2), "PR"): 1, (date(2021, 3, 1), "PR"): 2}


async def test_recent_days_are_those_up_to_the_latest_one() -> None:
    store = MemoryRows()
    moments = [datetime(2021, 3, day, 12, tzinfo=UTC) for day in (1, 5, 6, 9)]
    events = [happened(admitted(at).event, recorded_at=moment) for at, moment in enumerate(moments)]
    await _level(store, feed_of("intake", events))
    assert [row.day.day for row in (await recent_days(store, 4)).value] == [9, 6]


async def test_the_latest_events_are_kept_and_older_ones_fall_out() -> None:
    rows = given(*[admitted(number) for number in range(KEPT + 5)]).then(LATEST_ACTIVITY)
    row = rows.row("PR")
    assert row is not None
    assert len(row.latest) == KEPT
    assert row.latest[0].recorded_at > row.latest[-1].recorded_at
    store = MemoryRows()
    await _level(store, feed_of("intake", [admitted(1), admitted(2, "BG"), admitted(3)]))
    assert [event.territory for event in (await latest(store, 2)).value] == ["PR", "BG"]


def test_the_latest_events_are_the_same_in_whatever_order_they_arrive() -> None:
    """I5: each service's feed keeps its order, the journal between them does not."""
    of_intake, of_tutors = feed_of("intake", [admitted(1), admitted(2)]), feed_of("tutors", [_interviewed(3, "PR")])
    found = [Given(events).then(LATEST_ACTIVITY).rows for events in ([*of_intake, *of_tutors], [*of_tutors, *of_intake])]
    assert found[0] == found[1]


async def _level(store: MemoryRows, events: list[FeedEvent]) -> None:
    runner = Runner(MODELS, ListSource(events), store)
    while await runner.step():
        pass


PLACES = st.sampled_from(["PR", "BG"])
NUMBERS = st.integers(1, 5)
INTAKE = st.one_of(
    st.builds(enrolled, NUMBERS, PLACES), st.builds(admitted, NUMBERS, PLACES, protected=st.booleans()), st.builds(left, NUMBERS, PLACES)
)


def _opened(number: int, territory: str) -> Happened:
    event = PathwayOpened(
        pathway_id=person(number + 50),
        beneficiary_id=person(number),
        episode=1,
        organisation="ciac",
        territory=territory,
        municipality=None,
        methodology_version="1",
    )
    return happened(event, territory=territory)


def _interviewed(number: int, territory: str | None) -> Happened:
    return happened(TutorInterviewed(tutor_id=person(number + 90)), territory=territory)


FEEDS = st.tuples(
    st.lists(INTAKE, max_size=40),
    st.lists(st.builds(_opened, NUMBERS, PLACES), max_size=40),
    st.lists(st.builds(_interviewed, NUMBERS, st.none() | PLACES), max_size=40),
)


@settings(max_examples=60)
@for_all(FEEDS, st.data())
async def test_rows_do_not_depend_on_how_feeds_interleave(feeds: tuple[list[Happened], ...], data: st.DataObject) -> None:
    """I5: two journals that hold the same feeds in another order give the same rows."""
    made = [feed_of(source, events) for source, events in zip(("intake", "pathways", "tutors"), feeds, strict=True)]
    one_after_another = [event for feed in made for event in feed]
    turns = data.draw(st.permutations([at for at, feed in enumerate(made) for _ in feed]))
    queues = [iter(feed) for feed in made]
    shuffled = [next(queues[turn]) for turn in turns]
    for model in MODELS:
        assert await replay_hash(model, ListSource(one_after_another)) == await replay_hash(model, ListSource(shuffled)), model.name
