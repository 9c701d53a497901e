"""Any history of tutors, requests, matches and assignments, by the very steps of the endpoints: what must never be, never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.errors import Refusal
from contracts.matching_codes import Holding, MatchDeclineReason, MatchParty
from contracts.tutor_codes import EndReason, SuspensionReason
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, SERVING, TUTOR
from services.tutors.app.steps import assigning, ending, match_id_of, proposing
from services.tutors.domain.assignment_commands import EndAssignment, LogMeeting
from services.tutors.domain.assignment_state import Ended, NotAssigned, Running
from services.tutors.domain.matching_commands import AcceptMatch, AgreedOutside, DeclineMatch
from services.tutors.domain.request_commands import RequestTutor
from services.tutors.domain.tutor_commands import ApproveTutor, ChangeAvailability, SuspendTutor
from services.tutors.domain.tutor_request_state import NotRequested, Open
from services.tutors.domain.tutor_state import Registered
from tests.unit.tutors.cases import ASSIGNABLE, MEET, TODAY, YEAR_END
from tests.unit.tutors.match_cases import PROPOSE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from contracts.event import Event
    from contracts.matching import Accepting
    from services.tutors.domain.tutor_state import Facts

TUTORS = [derived_id("tutor", number) for number in range(2)]
REQUESTS = [derived_id("request", number) for number in range(3)]
_tutors, _requests = st.sampled_from(TUTORS), st.sampled_from(REQUESTS)
_BOTH: tuple[Accepting, ...] = (MatchParty.TUTOR, MatchParty.BENEFICIARY)


class Tutoring(RuleBasedStateMachine):
    """Two tutors, three persons, and a model beside them of who accepted whom and of which meeting was whose."""

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, Any] = {}
        self.today = TODAY
        self.number = 0
        self.assignments: list[UUID] = []
        self.accepted: dict[UUID, tuple[UUID, set[MatchParty]]] = {}
        self.declined_for_good: set[tuple[UUID, UUID]] = set()
        self.met_with: dict[UUID, UUID] = {}
        for tutor_id in TUTORS:
            for event in ASSIGNABLE:
                self._evolve(Step(SERVING, tutor_id, None), [event.model_copy(update={"tutor_id": tutor_id})])
        for request_id in REQUESTS:
            self._do(Step(REQUEST, request_id, _asking(request_id)))

    def _state(self, step: Step) -> Any:  # noqa: ANN401 - any aggregate's
        return self.states.get(step.stream_id, step.decider.initial)

    def _evolve(self, step: Step, events: Sequence[Event]) -> None:
        state = self._state(step)
        for event in events:
            state = step.decider.evolve(state, event)
        self.states[step.stream_id] = state

    def _do(self, *steps: Step) -> bool:
        """Decide all steps at once, or none."""
        at_work = [Step(SERVING if step.decider is TUTOR else step.decider, step.aggregate_id, step.command) for step in steps]
        try:
            decided = [(step, step.decider.decide(step.command, self._state(step))) for step in at_work]
        except Refusal:
            return False
        for step, events in decided:
            self._evolve(step, events)
        return True

    def _request(self, request_id: UUID) -> Any:  # noqa: ANN401 - a request's state
        return self.states[REQUEST.stream(request_id)]

    def _facts(self, tutor_id: UUID) -> Facts:
        facts: Facts = self.states[SERVING.stream(tutor_id)].facts
        return facts

    def _new_id(self) -> UUID:
        self.number += 1
        return derived_id("made", self.number)

    @rule(days=st.sampled_from([1, 2, 5, 60]))
    def time_passes(self, days: int) -> None:
        """Insurance and vetting run out at the year's end."""
        self.today += timedelta(days=days)

    @rule(tutor_id=_tutors, capacity=st.sampled_from([1, 2, 3, 0]), available=st.sampled_from([True, True, False]))
    def availability_changes(self, tutor_id: UUID, capacity: int, available: bool) -> None:
        """Say how many places there are, fewer too."""
        self._do(Step(SERVING, tutor_id, ChangeAvailability(capacity=capacity, available=available)))

    @rule(tutor_id=_tutors)
    def rests(self, tutor_id: UUID) -> None:
        """Suspend the tutor."""
        self._do(Step(SERVING, tutor_id, SuspendTutor(reason=SuspensionReason.TUTOR_ASKED)))

    @rule(tutor_id=_tutors)
    def is_approved_again(self, tutor_id: UUID) -> None:
        """Approve the tutor, where everything still holds."""
        self._do(Step(SERVING, tutor_id, ApproveTutor(on=self.today)))

    @rule(request_id=_requests, tutor_id=_tutors)
    def is_proposed(self, request_id: UUID, tutor_id: UUID) -> None:
        """Propose, as the endpoint does."""
        availability = self._facts(tutor_id).availability_changes
        told = replace(PROPOSE, match_id=self._new_id(), tutor_id=tutor_id, on=self.today, availability=availability)
        if self._do(*proposing(request_id, self._request(request_id), told, version=0)):
            assert (request_id, tutor_id) not in self.declined_for_good
            assert self._may_begin(tutor_id, self.today)
            self.accepted[request_id] = (tutor_id, set())

    @rule(request_id=_requests, parties=st.sampled_from([_BOTH, _BOTH[:1], _BOTH[1:]]))
    def accepts(self, request_id: UUID, parties: tuple[Accepting, ...]) -> None:
        """Accept what stands, after the first meeting that was told: one of the two, or both."""
        for by in parties:
            request = self._request(request_id)
            standing = request.talks.standing if isinstance(request, Open) else None
            met_on = (standing.first_meeting_on if standing else None) or self.today
            insured = standing is not None and self._facts(standing.tutor_id).insured_until(met_on) is not None
            if self._do(Step(REQUEST, request_id, AcceptMatch(by=by, first_meeting_on=met_on, on=self.today, insured=insured))):
                assert met_on <= YEAR_END
                self.accepted[request_id][1].add(by)

    @rule(request_id=_requests, tutor_id=_tutors, parties=st.sampled_from([_BOTH, _BOTH, _BOTH[:1]]))
    def goes_the_whole_way(self, request_id: UUID, tutor_id: UUID, parties: tuple[Accepting, ...]) -> None:
        """Propose, accept and assign without a pause, as far as it goes."""
        self.is_proposed(request_id, tutor_id)
        self.accepts(request_id, parties)
        self.is_assigned(request_id, tutor_id, outside=False)

    @rule(
        request_id=_requests, by=st.sampled_from(_BOTH), reason=st.sampled_from([MatchDeclineReason.NOT_WANTED, MatchDeclineReason.NO_TIME])
    )
    def declines(self, request_id: UUID, by: MatchParty, reason: MatchDeclineReason) -> None:
        """Decline what stands."""
        told = DeclineMatch(by=by, reason=reason, on=self.today, availability=0)
        if self._do(Step(REQUEST, request_id, told)):
            tutor_id, _ = self.accepted.pop(request_id)
            if self._request(request_id).talks.declined[-1].holds is Holding.FOR_GOOD:
                self.declined_for_good.add((request_id, tutor_id))

    @rule(request_id=_requests, tutor_id=_tutors, outside=st.booleans())
    def is_assigned(self, request_id: UUID, tutor_id: UUID, outside: bool) -> None:
        """Assign: by the matching, or as agreed outside of it."""
        assignment_id, before = self._new_id(), len(self._facts(tutor_id).taken)
        agreed = AgreedOutside(
            match_id=match_id_of(assignment_id),
            first_meeting_on=self.today,
            tutor_accepted_on=self.today,
            beneficiary_accepted_on=self.today,
        )
        availability = self._facts(tutor_id).availability_changes
        steps = assigning(
            request_id,
            self._request(request_id),
            version=0,
            assignment_id=assignment_id,
            tutor_id=tutor_id,
            starts_on=self.today,
            availability=availability,
            agreed=agreed if outside else None,
        )
        if not self._do(*steps):
            return
        self.assignments.append(assignment_id)
        assert self._may_begin(tutor_id, self.today)
        assert before < self._facts(tutor_id).capacity
        assert (request_id, tutor_id) not in self.declined_for_good
        if not outside:
            assert self.accepted.pop(request_id) == (tutor_id, {MatchParty.TUTOR, MatchParty.BENEFICIARY})

    @rule(data=st.data())
    def they_meet(self, data: st.DataObject) -> None:
        """Log a meeting of any assignment, whether it still runs or not."""
        if self.assignments:
            assignment_id, meeting_id = data.draw(st.sampled_from(self.assignments)), self._new_id()
            told: LogMeeting = replace(MEET, meeting_id=meeting_id, held_on=self.today, today=self.today)
            if self._do(Step(ASSIGNMENT, assignment_id, told)):
                self.met_with[meeting_id] = self.states[ASSIGNMENT.stream(assignment_id)].support.tutor_id

    @rule(data=st.data(), still_wanted=st.booleans())
    def it_ends(self, data: st.DataObject, still_wanted: bool) -> None:
        """End an assignment early."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            end = EndAssignment(ended_on=self.today, reason=EndReason.TUTOR_UNAVAILABLE)
            self._do(*ending(assignment_id, self.states[ASSIGNMENT.stream(assignment_id)], end, version=0, still_wanted=still_wanted))

    @rule(request_id=_requests, plan_version=st.integers(2, 9))
    def a_later_plan_asks_again(self, request_id: UUID, plan_version: int) -> None:
        """Ask anew."""
        self._do(Step(REQUEST, request_id, replace(_asking(request_id), plan_version=plan_version)))

    def _may_begin(self, tutor_id: UUID, day: date) -> bool:
        state = self.states[SERVING.stream(tutor_id)]
        return isinstance(state, Registered) and state.approval is not None and day <= YEAR_END

    @invariant()
    def nobody_holds_more_than_was_offered(self) -> None:
        """Places are taken by running assignments, each by one, and never more than are offered."""
        for tutor_id in TUTORS:
            facts = self._facts(tutor_id)
            running = {key for key in self.assignments if self._running_with(key, tutor_id)}
            assert facts.taken == running
            assert len(running) <= facts.capacity

    def _running_with(self, assignment_id: UUID, tutor_id: UUID) -> bool:
        state = self.states[ASSIGNMENT.stream(assignment_id)]
        return isinstance(state, Running) and state.support.tutor_id == tutor_id

    @invariant()
    def a_meeting_is_the_tutors_with_whom_it_was(self) -> None:
        """No meeting is credited to two tutors, nor to the next one."""
        credited: dict[UUID, UUID] = {}
        for assignment_id in self.assignments:
            state: NotAssigned | Running | Ended = self.states[ASSIGNMENT.stream(assignment_id)]
            assert not isinstance(state, NotAssigned)
            for meeting in state.meetings:
                assert meeting.meeting_id not in credited
                credited[meeting.meeting_id] = state.support.tutor_id
        assert credited == self.met_with

    @invariant()
    def what_does_not_stand_waits_for_nobody(self) -> None:
        """A match falls with its request."""
        for request_id in REQUESTS:
            request = self._request(request_id)
            assert not isinstance(request, NotRequested)
            if not isinstance(request, Open):
                assert request.talks.standing is None


def _asking(request_id: UUID) -> RequestTutor:
    return RequestTutor(
        request_id=request_id,
        beneficiary_id=derived_id("person", request_id),
        pathway_id=derived_id("pathway", request_id),
        episode=1,
        organisation="ciac",
        territory="PR",
        plan_version=1,
    )


TestTutoring = Tutoring.TestCase
TestTutoring.settings = settings(deadline=None, max_examples=100, stateful_step_count=50)
