"""Any history of tutors, requests, matches and assignments, by the very steps of the endpoints: what must never be, never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from contracts.matching_codes import Holding, MatchDeclineReason, MatchParty
from contracts.tutor_codes import EndReason, SuspensionReason, TutorKind
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, SERVING
from services.tutors.app.steps import assigning, ending, match_id_of, proposing, reassigning
from services.tutors.domain.assignment_commands import EndAssignment, LogMeeting
from services.tutors.domain.assignment_state import Ended, NotAssigned, Running
from services.tutors.domain.matching_commands import AcceptMatch, AgreedOutside, DeclineMatch
from services.tutors.domain.request_commands import MeetRequest, RequestTutor
from services.tutors.domain.tutor_commands import ApproveTutor, ChangeAvailability, LapseApproval, RecordInsurance, SuspendTutor
from services.tutors.domain.tutor_request_state import Met, NotRequested, Open
from tests.unit.tutors.cases import APPROVED, INSURED, INTERVIEWED, MEET, REGISTERED, TODAY, TRAINED, VETTED, YEAR_END, after
from tests.unit.tutors.match_cases import PROPOSE
from tests.unit.tutors.volunteering import GROUP, TUTORS, VOLUNTEERS, Volunteering

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.matching import Accepting
    from services.tutors.domain.tutor_state import TutorEvent

REQUESTS = [derived_id("request", number) for number in range(3)]
_tutors, _requests = st.sampled_from(TUTORS), st.sampled_from(REQUESTS)
_BOTH: tuple[Accepting, ...] = (MatchParty.TUTOR, MatchParty.BENEFICIARY)


class Tutoring(Volunteering):
    """Three tutors, one of them a group, one not insured yet; three persons; and a model beside them.

    The model knows who is approved and when insured, who accepted whom, which meeting was whose, and which volunteers stand where.
    """

    def __init__(self) -> None:
        super().__init__()
        self.accepted: dict[UUID, tuple[UUID, set[MatchParty]]] = {}
        self.declined_for_good: set[tuple[UUID, UUID]] = set()
        self.met_with: dict[UUID, UUID] = {}
        self.approved = set(TUTORS[:2])
        for tutor_id, last in zip(TUTORS, (YEAR_END, after(20), None), strict=True):
            events: list[TutorEvent] = [INTERVIEWED, TRAINED, VETTED]
            kind = TutorKind.GROUP if tutor_id == GROUP else TutorKind.CITIZEN
            registered = _of(REGISTERED.model_copy(update={"kind": kind}), tutor_id)
            self.played.happened(Step(SERVING, tutor_id, None), [registered, *(_of(one, tutor_id) for one in events)])
            self.covers[tutor_id] = [] if last is None else [(TODAY, last)]
            if last is not None:
                insured = _of(INSURED.model_copy(update={"valid_from": TODAY, "valid_until": last}), tutor_id)
                self.played.happened(Step(SERVING, tutor_id, None), [insured, _of(APPROVED, tutor_id)])
        for request_id in REQUESTS:
            self.played.do(Step(REQUEST, request_id, _asking(request_id)))

    @rule(days=st.sampled_from([1, 2, 5, 60]))
    def time_passes(self, days: int) -> None:
        """Insurance and vetting run out at the year's end."""
        self.today += timedelta(days=days)

    @rule(tutor_id=_tutors, capacity=st.sampled_from([1, 2, 3, 0]), available=st.sampled_from([True, True, False]))
    def availability_changes(self, tutor_id: UUID, capacity: int, available: bool) -> None:
        """Say how many places there are, fewer too."""
        self.played.do(Step(SERVING, tutor_id, ChangeAvailability(capacity=capacity, available=available)))

    @rule(tutor_id=_tutors)
    def rests(self, tutor_id: UUID) -> None:
        """Suspend the tutor."""
        if self.played.do(Step(SERVING, tutor_id, SuspendTutor(reason=SuspensionReason.TUTOR_ASKED))):
            self.approved.discard(tutor_id)

    @rule(tutor_id=_tutors, days=st.sampled_from([1, 30, 90]))
    def is_insured_anew(self, tutor_id: UUID, days: int) -> None:
        """Record an insurance from today on."""
        last = self.today + timedelta(days=days)
        if self.played.do(Step(SERVING, tutor_id, RecordInsurance(valid_from=self.today, valid_until=last, kept_by="ciac"))):
            self.covers[tutor_id].append((self.today, last))

    @rule(tutor_id=_tutors)
    def time_looks_at_the_approval(self, tutor_id: UUID) -> None:
        """End an approval whose conditions hold no longer, as the timer does."""
        if self.played.do(Step(SERVING, tutor_id, LapseApproval(on=self.today))) and not self._may_begin(tutor_id):
            self.approved.discard(tutor_id)

    @rule(tutor_id=_tutors)
    def is_approved_again(self, tutor_id: UUID) -> None:
        """Approve the tutor, where everything still holds."""
        if self.played.do(Step(SERVING, tutor_id, ApproveTutor(on=self.today))):
            self.approved.add(tutor_id)
            assert self._may_begin(tutor_id)

    @rule(request_id=_requests, tutor_id=_tutors)
    def is_proposed(self, request_id: UUID, tutor_id: UUID) -> None:
        """Propose, as the endpoint does."""
        availability = self.played.facts(tutor_id).availability_changes
        told = replace(PROPOSE, match_id=self.played.new_id(), tutor_id=tutor_id, on=self.today, availability=availability)
        if self.played.do(*proposing(request_id, self.played.request(request_id), told, version=0)):
            assert (request_id, tutor_id) not in self.declined_for_good
            assert self._may_begin(tutor_id)
            self.accepted[request_id] = (tutor_id, set())

    @rule(request_id=_requests, parties=st.sampled_from([_BOTH, _BOTH[:1], _BOTH[1:]]))
    def accepts(self, request_id: UUID, parties: tuple[Accepting, ...]) -> None:
        """Accept what stands, after the first meeting that was told: one of the two, or both."""
        for by in parties:
            request = self.played.request(request_id)
            standing = request.talks.standing if isinstance(request, Open | Met) else None
            met_on = (standing.first_meeting_on if standing else None) or self.today
            insured = standing is not None and self.played.facts(standing.tutor_id).insured_until(met_on) is not None
            if self.played.do(Step(REQUEST, request_id, AcceptMatch(by=by, first_meeting_on=met_on, on=self.today, insured=insured))):
                assert self.insured(self.accepted[request_id][0], met_on)
                self.accepted[request_id][1].add(by)

    @rule(request_id=_requests, tutor_id=_tutors, parties=st.sampled_from([_BOTH, _BOTH, _BOTH[:1]]))
    def goes_the_whole_way(self, request_id: UUID, tutor_id: UUID, parties: tuple[Accepting, ...]) -> None:
        """Propose, accept and assign without a pause, as far as it goes."""
        self.is_proposed(request_id, tutor_id)
        self.accepts(request_id, parties)
        self.is_assigned(request_id, tutor_id, outside=False)
        if isinstance(self.played.request(request_id), Met):
            self._takes_over(self.played.request(request_id).assignment_id, tutor_id, outside=False)

    @rule(
        request_id=_requests, by=st.sampled_from(_BOTH), reason=st.sampled_from([MatchDeclineReason.NOT_WANTED, MatchDeclineReason.NO_TIME])
    )
    def declines(self, request_id: UUID, by: MatchParty, reason: MatchDeclineReason) -> None:
        """Decline what stands."""
        told = DeclineMatch(by=by, reason=reason, on=self.today, availability=0)
        if self.played.do(Step(REQUEST, request_id, told)):
            tutor_id, _ = self.accepted.pop(request_id)
            if self.played.request(request_id).talks.declined[-1].holds is Holding.FOR_GOOD:
                self.declined_for_good.add((request_id, tutor_id))

    @rule(request_id=_requests, tutor_id=_tutors, outside=st.booleans())
    def is_assigned(self, request_id: UUID, tutor_id: UUID, outside: bool) -> None:
        """Assign: by the matching, or as agreed outside of it."""
        told = self._told(tutor_id, outside)
        before = len(self.played.facts(tutor_id).taken)
        if not self.played.do(*assigning(request_id, self.played.request(request_id), told, version=0)):
            return
        self._check_begun(request_id, tutor_id, told, before)

    @rule(data=st.data(), tutor_id=_tutors, outside=st.booleans())
    def another_takes_over(self, data: st.DataObject, tutor_id: UUID, outside: bool) -> None:
        """Hand an assignment over to another tutor: by the matching, or as agreed outside of it."""
        if self.assignments:
            self._takes_over(data.draw(st.sampled_from(self.assignments)), tutor_id, outside)

    def _takes_over(self, assignment_id: UUID, tutor_id: UUID, outside: bool) -> None:
        assignment = self.played.assignment(assignment_id)
        request_id, predecessor = assignment.support.request_id, assignment.support.tutor_id
        told = self._told(tutor_id, outside)
        before = len(self.played.facts(tutor_id).taken)
        end = EndAssignment(ended_on=self.today, reason=EndReason.TUTOR_ASKED)
        steps = reassigning(assignment_id, assignment, self.played.request(request_id), told, end, version=0)
        if not self.played.do(*steps):
            return
        self._check_begun(request_id, tutor_id, told, before)
        assert tutor_id != predecessor
        assert isinstance(assignment, Running), "it ran until then"
        ended, begun = self.played.assignment(assignment_id), self.played.assignment(told.assignment_id)
        assert (ended.continued_by, begun.support.continues) == (told.assignment_id, assignment_id)
        assert ended.ended_on == begun.support.starts_on, "nobody waited in between"
        assert ended.meetings == assignment.meetings

    def _told(self, tutor_id: UUID, outside: bool) -> MeetRequest:
        assignment_id = self.played.new_id()
        agreed = AgreedOutside(
            match_id=match_id_of(assignment_id),
            first_meeting_on=self.today,
            tutor_accepted_on=self.today,
            beneficiary_accepted_on=self.today,
        )
        return MeetRequest(
            assignment_id=assignment_id,
            tutor_id=tutor_id,
            starts_on=self.today,
            availability=self.played.facts(tutor_id).availability_changes,
            agreed=agreed if outside else None,
        )

    def _check_begun(self, request_id: UUID, tutor_id: UUID, told: MeetRequest, before: int) -> None:
        """Check that whoever began could: whatever was offered, accepted, insured and approved is known here, beside the deciders."""
        self.assignments.append(told.assignment_id)
        self.beside[told.assignment_id] = set()
        assert self._may_begin(tutor_id)
        assert before < self.played.facts(tutor_id).capacity
        assert (request_id, tutor_id) not in self.declined_for_good
        accepted = self.accepted.pop(request_id, None)
        if told.agreed is None:
            assert accepted == (tutor_id, {MatchParty.TUTOR, MatchParty.BENEFICIARY})

    @rule(data=st.data())
    def they_meet(self, data: st.DataObject) -> None:
        """Log a meeting of any assignment, whether it still runs or not; or one that is logged already, there or elsewhere."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            meeting_id = data.draw(st.sampled_from([*self.met_with, self.played.new_id()]))
            there = data.draw(st.sampled_from([(), *((one,) for one in VOLUNTEERS), VOLUNTEERS]))
            told: LogMeeting = replace(MEET, meeting_id=meeting_id, held_on=self.today, today=self.today, volunteers=there)
            if self.played.do(Step(ASSIGNMENT, assignment_id, told)):
                assert set(there) <= self.beside[assignment_id]
                assert meeting_id not in self.met_with
                self.met_with[meeting_id] = self.played.assignment(assignment_id).support.tutor_id

    @rule(data=st.data(), still_wanted=st.booleans())
    def it_ends(self, data: st.DataObject, still_wanted: bool) -> None:
        """End an assignment early."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            end = EndAssignment(ended_on=self.today, reason=EndReason.TUTOR_UNAVAILABLE)
            self.played.do(*ending(assignment_id, self.played.assignment(assignment_id), end, version=0, still_wanted=still_wanted))

    @rule(request_id=_requests, plan_version=st.integers(2, 9))
    def a_later_plan_asks_again(self, request_id: UUID, plan_version: int) -> None:
        """Ask anew."""
        self.played.do(Step(REQUEST, request_id, replace(_asking(request_id), plan_version=plan_version)))

    def _may_begin(self, tutor_id: UUID) -> bool:
        return tutor_id in self.approved and self.insured(tutor_id, self.today) and self.today <= YEAR_END

    @invariant()
    def nobody_holds_more_than_was_offered(self) -> None:
        """Places are taken by running assignments, each by one, and never more than are offered."""
        for tutor_id in TUTORS:
            facts = self.played.facts(tutor_id)
            running = {key for key in self.assignments if self.played.runs_with(key, tutor_id)}
            assert facts.taken == running
            assert len(running) <= facts.capacity

    @invariant()
    def a_meeting_is_the_tutors_with_whom_it_was(self) -> None:
        """No meeting is credited to two tutors, nor to the next one."""
        credited: dict[UUID, UUID] = {}
        for assignment_id in self.assignments:
            state: NotAssigned | Running | Ended = self.played.assignment(assignment_id)
            assert not isinstance(state, NotAssigned)
            for meeting in state.meetings:
                assert meeting.meeting_id not in credited
                credited[meeting.meeting_id] = state.support.tutor_id
        assert credited == self.met_with

    @invariant()
    def what_does_not_stand_waits_for_nobody(self) -> None:
        """A match falls with its request; while a tutor stands beside the person, one with another tutor may stand."""
        for request_id in REQUESTS:
            request = self.played.request(request_id)
            assert not isinstance(request, NotRequested)
            if isinstance(request, Met) and request.talks.standing is not None:
                assert request.talks.standing.tutor_id != request.tutor_id
            elif not isinstance(request, Open):
                assert request.talks.standing is None

    @invariant()
    def a_person_has_one_tutor_or_none(self) -> None:
        """Whoever takes over does so in one moment: never two assignments run by one request, and none where it says that one does."""
        for request_id in REQUESTS:
            request = self.played.request(request_id)
            states = [self.played.assignment(one) for one in self.assignments]
            running = [one.support for one in states if isinstance(one, Running) and one.support.request_id == request_id]
            held = [(request.assignment_id, request.tutor_id)] if isinstance(request, Met) else []
            assert [(one.assignment_id, one.tutor_id) for one in running] == held


def _of(event: TutorEvent, tutor_id: UUID) -> TutorEvent:
    return event.model_copy(update={"tutor_id": tutor_id})


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
TestTutoring.settings = settings(max_examples=100, stateful_step_count=50)
