"""A plan on paper: which version, what stood when it was proposed, and what stays shut."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from services.pathways.adapters.language_files import read_languages
from services.pathways.adapters.plan_page import plan_page
from services.pathways.domain.commands import CompleteAction, DeclinePlan, DropGoal, PlanAction, SetGoal
from services.pathways.domain.confirming import AcceptPlan, RunPlan
from services.pathways.domain.pathway import Open
from services.pathways.domain.plan_sheet import NoPlanToPrint, PlanSheet, Told, plan_sheet
from tests.unit.pathways.cases import AGREE, AGREED_ON, BASELINE, METHODOLOGIES, PATHWAY, PROPOSE, SECOND, an_id, history, situations

if TYPE_CHECKING:
    from services.pathways.domain.commands import PathwayCommand

LANGUAGES = read_languages(METHODOLOGIES)
WORK = SetGoal(goal_id=an_id("work"), area="work", description="un lavoro")
KNEE = SetGoal(goal_id=an_id("knee"), area="health", description="curare il ginocchio")
CV = PlanAction(action_id=an_id("cv"), goal_id=an_id("work"), responsible="team", description="curriculum", due_on=date(2021, 5, 1))
VISIT = PlanAction(action_id=an_id("visit"), goal_id=an_id("knee"), responsible="beneficiary", description="visita")
PLANNED = (*BASELINE, WORK, CV, KNEE, VISIT, PROPOSE)
RUNS_FROM = date(2021, 3, 24)


def told(*commands: PathwayCommand, without: frozenset[str] = frozenset()) -> list[Told]:
    """Return what these commands recorded, each event with a digest of its own, without the personal fields of these classes."""
    opened = []
    for number, event in enumerate(history(*commands)):
        shut = {name: None for name, mark in event.personal_fields.items() if mark.data_class in without}
        opened.append(Told(event.model_copy(update=shut), AGREED_ON, f"{number:064x}"))
    return opened


def page(*commands: PathwayCommand, without: frozenset[str] = frozenset()) -> str:
    """Return the page of the newest version."""
    state = PATHWAY.initial
    for event in history(*commands):
        state = PATHWAY.evolve(state, event)
    assert isinstance(state, Open)
    answer = plan_page(plan_sheet(told(*commands, without=without)), state.course, METHODOLOGIES["1.0"], LANGUAGES)
    return bytes(answer.body).decode()


def sheet(*commands: PathwayCommand, version: int | None = None) -> PlanSheet:
    """Return the sheet of a version."""
    return plan_sheet(told(*commands), version)


def test_a_version_holds_what_stood_when_it_was_proposed() -> None:
    """A goal that was set since is in the next version; one that was dropped before is in none."""
    dropped = (DropGoal(goal_id=an_id("work")), PROPOSE)
    later = SetGoal(goal_id=an_id("later"), area="leisure", description="il coro")
    first = sheet(*PLANNED, later, AGREE)
    assert [goal.words for goal in first.goals] == ["un lavoro", "curare il ginocchio"]
    assert [step.words for goal in first.goals for step in goal.steps.values()] == ["curriculum", "visita"]
    assert first.digest == told(*PLANNED)[-1].digest
    both = (*PLANNED, AGREE, CompleteAction(action_id=an_id("visit")), later, *dropped)
    assert [goal.words for goal in sheet(*both).goals] == ["curare il ginocchio", "il coro"]
    assert [step.done for goal in sheet(*both).goals for step in goal.steps.values()] == [True]
    assert sheet(*both, version=1) == sheet(*PLANNED, AGREE)


def test_a_step_of_a_goal_that_was_dropped_is_in_no_plan_though_it_was_done() -> None:
    """A step may be done after its goal was dropped."""
    assert not sheet(*BASELINE, WORK, CV, DropGoal(goal_id=an_id("work")), CompleteAction(action_id=an_id("cv")), PROPOSE).goals


def test_of_each_area_of_situations_the_last_is_told() -> None:
    """Where the person stands now, not where they stood once."""
    moved = situations({"housing": "hosted"}, "change", date(2021, 2, 1))
    told_of = {one.area: one.value for one in sheet(*BASELINE, moved, PROPOSE).situations}
    assert told_of == {"housing": "hosted", "work": "seeking", "income": "none", "language": "a1", "schooling": "primary"}


def test_a_sheet_says_how_the_plan_stands_and_who_confirmed_it() -> None:
    """Proposed, accepted, agreed, or running without a second pair of eyes."""
    accept = AcceptPlan(plan_version=1, on=AGREED_ON, runs_from=RUNS_FROM, language="ti", reads_language=False, mediator="Selam")
    run = RunPlan(runs_from=RUNS_FROM, on=RUNS_FROM)
    assert (sheet(*PLANNED).standing, sheet(*PLANNED).language, sheet(*PLANNED).mediated) == ("proposed", "fr", None)
    accepted = sheet(*PLANNED, accept)
    assert (accepted.standing, accepted.language, accepted.mediator, accepted.runs_from) == ("accepted", "ti", "Selam", RUNS_FROM)
    unconfirmed = sheet(*PLANNED, accept, run)
    assert (unconfirmed.standing, unconfirmed.second_member, unconfirmed.mediator) == ("unconfirmed", None, "Selam")
    agreed = sheet(*PLANNED, AGREE)
    assert (agreed.standing, agreed.second_member, agreed.mediated, agreed.review_due) == ("agreed", SECOND, False, date(2021, 6, 8))


def test_the_newest_version_that_was_not_declined_is_printed() -> None:
    """A declined one is no plan to sign; the agreed one runs on."""
    declined = (*PLANNED, AGREE, PROPOSE, DeclinePlan(plan_version=2))
    assert sheet(*declined) == sheet(*PLANNED, AGREE)
    for missing in (2, 3):
        with pytest.raises(NoPlanToPrint):
            sheet(*declined, version=missing)
    with pytest.raises(NoPlanToPrint):
        sheet(*BASELINE)


def test_only_a_whole_plan_has_a_place_to_sign() -> None:
    """I8: what a reader is not told is named as missing, and nobody signs for what does not stand there."""
    whole = page(*PLANNED)
    assert 'class="signatures"' in whole
    assert "Cette feuille ne montre pas tout le plan" not in whole
    for without, missing in (("health", "curare il ginocchio"), ("notes", "un lavoro")):
        shut = page(*PLANNED, without=frozenset({without}))
        assert missing not in shut
        assert 'class="signatures"' not in shut
        assert "Cette feuille ne montre pas tout le plan" in shut
        assert "parte non mostrata a chi stampa" in shut


def test_a_plan_in_a_language_that_the_page_does_not_speak_is_in_italian_and_says_so() -> None:
    """Somebody who mediates reads it out: no label is guessed."""
    spoken = page(*PLANNED[:-1], PROPOSE.__class__(author="worker-1", wants_tutor=False, language="so-SO", summary="una casa"))
    assert '<html lang="it" dir="ltr">' in spoken
    assert "Il foglio non parla ancora la lingua del piano" in spoken
    assert "so-SO" in spoken


def test_what_a_worker_wrote_is_text_on_the_page() -> None:
    """Free words are never markup."""
    assert "<b>" not in page(*BASELINE, SetGoal(goal_id=an_id("x"), area="work", description="<b>grassetto</b>"), PROPOSE)
