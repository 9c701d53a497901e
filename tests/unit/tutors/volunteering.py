"""The part of any history that volunteers play: named by a group, beside its persons, at meetings; a model beside tells what may be."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.tutor_follow_up_codes import RegisterSection
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, SERVING
from services.tutors.app.steps import releasing, volunteering
from services.tutors.domain.assignment_commands import AssignVolunteer, WithdrawVolunteer
from services.tutors.domain.follow_up_commands import NameVolunteer, ReleaseVolunteer
from tests.unit.tutors.cases import TODAY
from tests.unit.tutors.played import Played

TUTORS = [derived_id("tutor", number) for number in range(3)]
GROUP = TUTORS[1]
VOLUNTEERS = (derived_id("volunteer", 1), derived_id("volunteer", 2))
_volunteers = st.sampled_from(VOLUNTEERS)


class Volunteering(RuleBasedStateMachine):
    """What is played, and the volunteers in it: `named` by the group, and `beside` whom they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.played = Played()
        self.today = TODAY
        self.assignments: list[UUID] = []
        self.covers: dict[UUID, list[tuple[date, date]]] = {}
        self.named: set[tuple[UUID, UUID]] = set()
        self.beside: dict[UUID, set[UUID]] = {}

    def insured(self, tutor_id: UUID, day: date) -> bool:
        """Tell whether an insurance that was recorded covers a day."""
        return any(first <= day <= last for first, last in self.covers[tutor_id])

    @rule(data=st.data(), volunteer_id=_volunteers)
    def a_volunteer_joins(self, data: st.DataObject, volunteer_id: UUID) -> None:
        """Let one of the group's volunteers, or one who is nobody's, stand beside somebody."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            assignment = self.played.assignment(assignment_id)
            told = AssignVolunteer(volunteer_id=volunteer_id, since=self.today, today=self.today)
            if self.played.do(*volunteering(assignment_id, assignment, told, version=0)):
                assert (assignment.support.tutor_id, volunteer_id) in self.named
                assert self.insured(assignment.support.tutor_id, self.today)
                assert volunteer_id not in self.beside[assignment_id]
                self.beside[assignment_id].add(volunteer_id)

    @rule(data=st.data(), volunteer_id=_volunteers)
    def a_volunteer_leaves_a_person(self, data: st.DataObject, volunteer_id: UUID) -> None:
        """Let a volunteer stand beside somebody no longer."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            if self.played.do(Step(ASSIGNMENT, assignment_id, WithdrawVolunteer(volunteer_id=volunteer_id, until=self.today))):
                self.beside[assignment_id].remove(volunteer_id)

    @rule(volunteer_id=_volunteers, leaves=st.booleans())
    def a_volunteer_is_named_or_leaves_the_group(self, volunteer_id: UUID, leaves: bool) -> None:
        """Enter a volunteer in the group's record, or record that they left it, and everybody beside whom they stood."""
        if leaves:
            told = ReleaseVolunteer(volunteer_id=volunteer_id, until=self.today)
            beside = [one for one in self.assignments if self.played.assignment(one).support.tutor_id == GROUP]
            if self.played.do(*releasing(GROUP, told, beside, version=0)):
                self.named.discard((GROUP, volunteer_id))
                for one in self.beside.values():
                    one.discard(volunteer_id)
        else:
            name = NameVolunteer(volunteer_id=volunteer_id, section=RegisterSection.OCCASIONAL, since=self.today, name="Prova")
            if self.played.do(Step(SERVING, GROUP, name)):
                self.named.add((GROUP, volunteer_id))

    @invariant()
    def volunteers_stand_where_their_group_does(self) -> None:
        """Several beside one person, and nobody in two places of one list: whoever is recorded is who is there."""
        for assignment_id in self.assignments:
            state = self.played.assignment(assignment_id)
            there = [one.volunteer_id for one in state.volunteers if one.until is None]
            assert len(there) == len(set(there))
            assert set(there) == self.beside[assignment_id]
            assert state.support.tutor_id == GROUP or not there
