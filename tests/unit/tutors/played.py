"""The tutors' aggregates as a state machine plays them: several steps decided at once or none, and nothing that is unique held twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.errors import Refusal
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, SERVING, TUTOR
from services.tutors.domain.assignment_state import Running

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from contracts.event import Event
    from services.tutors.domain.tutor_state import Facts


@dataclass(slots=True)
class Played:
    """States by stream. `refused` is the code of the last refusal."""

    states: dict[str, Any] = field(default_factory=dict)
    refused: str | None = None
    made: int = 0

    def new_id(self) -> UUID:
        """Return an id that nothing has."""
        self.made += 1
        return derived_id("made", self.made)

    def happened(self, step: Step, events: Sequence[Event]) -> None:
        """Take events of a step as given."""
        state = self.states.get(step.stream_id, step.decider.initial)
        for event in events:
            state = step.decider.evolve(state, event)
        self.states[step.stream_id] = state

    def do(self, *steps: Step) -> bool:
        """Decide all steps at once, as they are before any of them, or none; tell whether they were."""
        at_work = [Step(SERVING if step.decider is TUTOR else step.decider, step.aggregate_id, step.command) for step in steps]
        try:
            decided = [(step, step.decider.decide(step.command, self.states.get(step.stream_id, step.decider.initial))) for step in at_work]
            self._check_unique(decided)
        except Refusal as refusal:
            self.refused = refusal.code
            return False
        assert len({step.stream_id for step in steps}) == len(steps), "one append holds a stream once"
        for step, events in decided:
            self.happened(step, events)
        return True

    def _check_unique(self, decided: Sequence[tuple[Step, Sequence[Event]]]) -> None:
        """Refuse what another stream holds, as the store does."""
        held = {(one.kind, one.value): stream for stream, state in self.states.items() for one in _decider_of(stream).unique(state)}
        for step, events in decided:
            state = self.states.get(step.stream_id, step.decider.initial)
            for event in events:
                state = step.decider.evolve(state, event)
            for one in step.decider.unique(state):
                if held.get((one.kind, one.value), step.stream_id) != step.stream_id:
                    raise one.refusal()

    def request(self, request_id: UUID) -> Any:  # noqa: ANN401 - any of its states
        """Return a request's state."""
        return self.states[REQUEST.stream(request_id)]

    def assignment(self, assignment_id: UUID) -> Any:  # noqa: ANN401 - any of its states
        """Return an assignment's state."""
        return self.states[ASSIGNMENT.stream(assignment_id)]

    def tutor(self, tutor_id: UUID) -> Any:  # noqa: ANN401 - any of their states
        """Return a tutor's state."""
        return self.states[SERVING.stream(tutor_id)]

    def facts(self, tutor_id: UUID) -> Facts:
        """Return what is known of a tutor."""
        facts: Facts = self.tutor(tutor_id).facts
        return facts

    def runs_with(self, assignment_id: UUID, tutor_id: UUID) -> bool:
        """Tell whether an assignment runs and is the tutor's."""
        state = self.assignment(assignment_id)
        return isinstance(state, Running) and state.support.tutor_id == tutor_id


def _decider_of(stream: str) -> Any:  # noqa: ANN401 - any of the deciders
    return next(one for one in (ASSIGNMENT, REQUEST, SERVING) if stream.startswith(f"{one.category}-"))
