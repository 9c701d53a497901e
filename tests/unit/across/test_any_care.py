"""Whatever three services' people do, in whatever order it arrives elsewhere: what must never be, never is; in the end all agree.

Two persons, three organisations of two provinces, a tutor of each. Commands are given by whoever the service believes responsible at that
moment; between the services a carrier delays, interleaves and repeats.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.tutor_codes import EndReason, SuspensionReason, VettingOutcome
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.intake.app.deciders import PERSON
from services.intake.domain.commands import AddNote, CorrectIdentity
from services.intake.domain.duplicate_commands import ConfirmDuplicate, OtherRecord, SplitDuplicate
from services.intake.domain.transfer import AcceptTransfer, DeclineTransfer, RequestTransfer, RevokeTransfer
from services.pathways.app.process_managers import pathway_id_of
from services.pathways.domain import commands as pathways
from services.pathways.domain.pathway import NotOpened
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.app.process_managers import request_id_of
from services.tutors.app.steps import assigning, ending, match_id_of, reassigning
from services.tutors.domain import tutor_commands as tutors
from services.tutors.domain.assignment_commands import EndAssignment
from services.tutors.domain.assignment_state import NotAssigned
from services.tutors.domain.matching_commands import AgreedOutside
from services.tutors.domain.request_commands import MeetRequest
from services.tutors.domain.tutor_request_state import NotRequested
from tests.unit.across.agreeing import agree_on
from tests.unit.across.three_services import ThreeServices
from tests.unit.across.witness import Witness
from tests.unit.intake.examples import ENROL, EXIT, GIVE_NOTICE, READMIT, WHO
from tests.unit.pathways.cases import AGREE, CERTIFICATE, NEEDS, NETWORK, PATHWAY, PROPOSE, SITUATIONS
from tests.unit.tutors.cases import MEET, REGISTER, TODAY, YEAR_END

if TYPE_CHECKING:
    from collections.abc import Coroutine

ORGANISATIONS = {"ciac": "PR", "cidas": "FE", "k-pax": "PR"}
PERSONS = [derived_id("person", number) for number in range(2)]
TUTORS = {derived_id("tutor", organisation): organisation for organisation in ORGANISATIONS}
persons, tutor_ids = st.sampled_from([PERSONS[0], *PERSONS]), st.sampled_from([None, None, *sorted(TUTORS)])
"""A tutor, or one of the organisation that is responsible."""
somebody = st.sampled_from([None, None, None, *sorted(ORGANISATIONS)])
"""Who commands: mostly whoever the service believes responsible."""
episodes = st.sampled_from([0, 0, 0, 1])
"""How many episodes before the last one: people mostly work on that."""
ways = st.sampled_from([("pathways", "intake"), ("pathways", "tutors"), ("tutors", "intake"), ("tutors", "pathways")])
working = st.one_of(
    st.booleans().map(lambda wants: replace(PROPOSE, wants_tutor=wants)),
    st.sampled_from([pathways.SuspendPathway(reason_code="other"), pathways.ResumePathway(on=TODAY), pathways.LoseContact()]),
    st.integers(1, 3).map(lambda version: pathways.DeclinePlan(plan_version=version)),
    st.integers(1, 3).map(lambda version: replace(AGREE, plan_version=version)),
    st.integers(1, 2).map(lambda one: pathways.ReachMilestone(milestone_id=UUID(int=one), milestone="italian-a1", evidence=CERTIFICATE)),
    st.integers(1, 2).map(lambda one: pathways.RetractMilestone(milestone_id=UUID(int=one), reason_code="wrong-day")),
)


class Care(RuleBasedStateMachine):
    """The three services at work."""

    def __init__(self) -> None:
        """Begin with two persons in care and three tutors who can be assigned."""
        super().__init__()
        self._runner = asyncio.Runner()
        self.services = ThreeServices(TODAY)
        self.witness = Witness()
        self.number = 0
        self.assignments: list[UUID] = []

    def teardown(self) -> None:
        """In the end everything arrives."""
        self.everything_arrives()
        self._runner.close()

    @initialize(wants_tutor=st.sampled_from([True, True, False]))
    def people_begin(self, wants_tutor: bool) -> None:
        """Enrol both persons with CIAC, one of them with a plan and perhaps a tutor; approve a tutor of each organisation."""
        for person in PERSONS:
            self._tell("intake", Step(PERSON, person, replace(GIVE_NOTICE, beneficiary_id=person)), by="ciac")
            self._tell("intake", Step(PERSON, person, replace(ENROL, beneficiary_id=person, territory="PR")), by="ciac")
        for tutor_id, organisation in TUTORS.items():
            self._approved(tutor_id, organisation)
        self.everything_arrives()
        self.a_plan_is_agreed(PERSONS[0], 0, wants_tutor)
        self.everything_arrives()
        if wants_tutor:
            self.a_tutor_is_assigned(PERSONS[0], 0, None)

    @rule(person=persons, by=somebody)
    def leaves(self, person: UUID, by: str | None) -> None:
        """Exit."""
        self._tell("intake", Step(PERSON, person, replace(EXIT, beneficiary_id=person)), by=by or self.witness.responsible[person])

    @rule(person=persons, by=somebody)
    def comes_back(self, person: UUID, by: str | None) -> None:
        """Readmit."""
        by = by or self.witness.responsible[person]
        self._tell("intake", Step(PERSON, person, replace(READMIT, beneficiary_id=person, organisation=by, territory="PR")), by=by)

    @rule(person=persons)
    def is_written_about(self, person: UUID) -> None:
        """Record something, in care or not."""
        by = self.witness.responsible[person]
        self._tell("intake", Step(PERSON, person, AddNote(beneficiary_id=person, text="-")), by=by)
        told = CorrectIdentity(beneficiary_id=person, identity=WHO, reason="-", on=self.services.today)
        self._tell("intake", Step(PERSON, person, told), by=by)

    @rule(
        person=persons,
        receiver=st.sampled_from(sorted(ORGANISATIONS)),
        moves=st.booleans(),
        answer=st.sampled_from(["accept", "accept", "accept", "decline", "revoke", ""]),
    )
    def is_transferred(self, person: UUID, receiver: str, moves: bool, answer: str) -> None:
        """Ask for a transfer, within the province or out of it, and answer it, or leave it."""
        transfer, on = self._new_id(), self.services.today
        sender = self.witness.responsible[person]
        where = {"PR": "FE", "FE": "PR"}[self._record(person).territory] if moves else self._record(person).territory
        asked = RequestTransfer(transfer_id=transfer, by=sender, receiver=receiver, territory=where, municipality=None, reason="-", on=on)
        self._tell("intake", Step(PERSON, person, asked), by=sender)
        answers = {
            "accept": AcceptTransfer(transfer_id=transfer, by=receiver, on=on),
            "decline": DeclineTransfer(transfer_id=transfer, by=receiver, reason="-"),
            "revoke": RevokeTransfer(transfer_id=transfer, by=sender),
        }
        if answer:
            self._run(self.services.answer(Step(PERSON, person, answers[answer]), by=receiver))

    @rule(survivor=persons, split=st.booleans())
    def are_found_to_be_one(self, survivor: UUID, split: bool) -> None:
        """Confirm that both records are one person's, or split them again; if they are of one organisation, as the endpoint demands."""

        def told(other: UUID) -> ConfirmDuplicate | SplitDuplicate:
            record = OtherRecord(beneficiary_id=other, admitted=())
            return SplitDuplicate(other_id=other, reason="-") if split else ConfirmDuplicate(other=record, survivor_id=survivor, reason="-")

        first, second = PERSONS
        steps = (Step(PERSON, first, told(second)), Step(PERSON, second, told(first)))
        self._tell("intake", *steps, by=self.witness.responsible[survivor])

    @rule(person=persons, back=episodes, command=working, by=somebody)
    def is_worked_with(self, person: UUID, back: int, command: pathways.PathwayCommand, by: str | None) -> None:
        """Do something on a pathway."""
        pathway = self._pathway(person, back)
        state = self._state("pathways", PATHWAY, pathway)
        if not isinstance(state, NotOpened):
            self._tell("pathways", Step(PATHWAY, pathway, command), by=by or state.course.organisation)

    @rule(person=persons, back=episodes, wants_tutor=st.sampled_from([True, True, False]))
    def a_plan_is_agreed(self, person: UUID, back: int, wants_tutor: bool) -> None:
        """Take the baseline, propose and agree, as far as it goes: by whoever pathways believes responsible."""
        pathway = self._pathway(person, back)
        state = self._state("pathways", PATHWAY, pathway)
        if isinstance(state, NotOpened):
            return
        version = state.course.plan.version + 1
        asked = (SITUATIONS, NETWORK, NEEDS, replace(PROPOSE, wants_tutor=wants_tutor), replace(AGREE, plan_version=version))
        for command in asked:
            self._tell("pathways", Step(PATHWAY, pathway, command), by=state.course.organisation)

    @rule(person=persons, back=episodes, tutor_id=tutor_ids)
    def a_tutor_is_assigned(self, person: UUID, back: int, tutor_id: UUID | None) -> None:
        """Assign, as agreed outside of the matching, whoever asks for it: full, uninsured, of another organisation too."""
        request_id = request_id_of(self._pathway(person, back))
        request = self._state("tutors", REQUEST, request_id)
        if isinstance(request, NotRequested):
            return
        told = self._agreed(tutor_id or derived_id("tutor", request.wish.organisation))
        if self._tell("tutors", *assigning(request_id, request, told, version=None), by=request.wish.organisation):
            self.assignments.append(told.assignment_id)

    @rule(data=st.data(), tutor_id=tutor_ids)
    def another_takes_over(self, data: st.DataObject, tutor_id: UUID | None) -> None:
        """Hand an assignment over to another tutor, whether it runs or not."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            assignment = self._state("tutors", ASSIGNMENT, assignment_id)
            request = self._state("tutors", REQUEST, assignment.support.request_id)
            told = self._agreed(tutor_id or derived_id("tutor", request.wish.organisation))
            end = EndAssignment(ended_on=self.services.today, reason=EndReason.TUTOR_UNAVAILABLE)
            version = self._run(self.services.version("tutors", ASSIGNMENT, assignment_id))
            steps = reassigning(assignment_id, assignment, request, told, end, version=version)
            if self._tell("tutors", *steps, by=self._coordinator(assignment_id)):
                self.assignments.append(told.assignment_id)

    def _agreed(self, tutor_id: UUID) -> MeetRequest:
        """Return that tutor and person met today, and agreed outside of the matching."""
        assignment_id, today = self._new_id(), self.services.today
        agreed = AgreedOutside(
            match_id=match_id_of(assignment_id), first_meeting_on=today, tutor_accepted_on=today, beneficiary_accepted_on=today
        )
        return MeetRequest(assignment_id=assignment_id, tutor_id=tutor_id, starts_on=today, availability=0, agreed=agreed)

    @rule(data=st.data(), again=st.booleans())
    def they_meet(self, data: st.DataObject, again: bool) -> None:
        """Log a meeting of any assignment, whether it runs or not; once more under the same id, and as another's."""
        if self.assignments:
            held = replace(MEET, meeting_id=self._new_id(), held_on=self.services.today, today=self.services.today)
            for assignment_id in [data.draw(st.sampled_from(self.assignments)) for _ in range(1 + again)]:
                self._tell("tutors", Step(ASSIGNMENT, assignment_id, held), by=self._coordinator(assignment_id))

    @rule(data=st.data(), still_wanted=st.booleans())
    def it_ends(self, data: st.DataObject, still_wanted: bool) -> None:
        """End an assignment by hand."""
        if self.assignments:
            assignment_id = data.draw(st.sampled_from(self.assignments))
            state = self._state("tutors", ASSIGNMENT, assignment_id)
            end = EndAssignment(ended_on=self.services.today, reason=EndReason.TUTOR_UNAVAILABLE)
            version = self._run(self.services.version("tutors", ASSIGNMENT, assignment_id))
            steps = ending(assignment_id, state, end, version=version, still_wanted=still_wanted)
            self._tell("tutors", *steps, by=self._coordinator(assignment_id))

    @rule(tutor_id=st.sampled_from(sorted(TUTORS)), capacity=st.integers(0, 2), rests=st.sampled_from([True, False, False]))
    def a_tutor_changes(self, tutor_id: UUID, capacity: int, rests: bool) -> None:
        """Say how many places there are; pause, and approve again where everything holds."""
        changed = tutors.ChangeAvailability(capacity=capacity, available=True)
        told = tutors.SuspendTutor(reason=SuspensionReason.TUTOR_ASKED) if rests else tutors.ApproveTutor(on=self.services.today)
        for command in (changed, told):
            self._tell("tutors", Step(TUTOR, tutor_id, command), by=TUTORS[tutor_id])

    @rule(days=st.sampled_from([1, 2, 5, 400]))
    def time_passes(self, days: int) -> None:
        """Insurances end with the year."""
        self.services.clock.move_to(self.services.clock.now() + timedelta(days=days))

    @rule(way=ways, person=persons, count=st.sampled_from([1, 2, 1000]))
    def something_arrives(self, way: tuple[str, str], person: UUID, count: int) -> None:
        """Deliver some records of one person from one topic, or all."""
        consumer, topic = way
        self._run(self.services.deliver(consumer, topic, str(person), count))

    @rule(way=ways, person=persons, count=st.integers(1, 6))
    def something_comes_again(self, way: tuple[str, str], person: UUID, count: int) -> None:
        """Go back: what was handled is delivered once more."""
        self.services.go_back(*way, str(person), count)

    @rule()
    def everything_arrives(self) -> None:
        """Let all be delivered; then all agree."""
        for fed in self._run(self.services.settle()):
            self.witness.see(fed)
        for person in PERSONS:
            self._run(agree_on(self.services, person, self.assignments))

    @invariant()
    def nothing_happened_that_may_not(self) -> None:
        """Show the witness what was stored since."""
        for fed in self._run(self.services.published()):
            self.witness.see(fed)

    def _coordinator(self, assignment_id: UUID) -> str:
        state = self._state("tutors", ASSIGNMENT, assignment_id)
        assert not isinstance(state, NotAssigned)
        return str(state.support.organisation)

    def _approved(self, tutor_id: UUID, organisation: str) -> None:
        told = (
            replace(REGISTER, tutor_id=tutor_id, organisation=organisation, territory=ORGANISATIONS[organisation]),
            tutors.RecordInterview(),
            tutors.RecordTraining(course="tutors-basic", hours=12),
            tutors.RecordVetting(on=TODAY, outcome=VettingOutcome.PASSED, valid_until=date(2022, 12, 31)),
            tutors.RecordInsurance(valid_from=date(2021, 1, 1), valid_until=YEAR_END, kept_by=organisation),
            tutors.ApproveTutor(on=TODAY),
        )
        for command in told:
            assert self._tell("tutors", Step(TUTOR, tutor_id, command), by=organisation), command

    def _record(self, person: UUID) -> Any:  # noqa: ANN401 - a person's record
        return self._state("intake", PERSON, person).held.record

    def _pathway(self, person: UUID, back: int) -> UUID:
        return pathway_id_of(person, max(1, self._record(person).episode - back))

    def _state(self, service: str, decider: Any, of: UUID) -> Any:  # noqa: ANN401 - any aggregate's
        return self._run(self.services.state(service, decider, of))

    def _tell(self, service: str, *steps: Step, by: str) -> bool:
        return bool(self._run(self.services.tell(service, *steps, by=by)))

    def _new_id(self) -> UUID:
        self.number += 1
        return derived_id("made", self.number)

    def _run(self, work: Coroutine[object, object, Any]) -> Any:  # noqa: ANN401
        return self._runner.run(work)


TestCare = Care.TestCase
TestCare.settings = settings(max_examples=80, stateful_step_count=40, phases=[Phase.generate])
"""A history that fails is told as it was lived: making it shorter takes minutes (`Phase.shrink`)."""
