"""What the pathway's decider answers when the facts do not allow a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from contracts.errors import Invalid, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID


class TeamAssignedAlready(Refusal):
    """The pathway is this team's."""

    code: ClassVar[str] = "team-assigned-already"

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the pathway is this team's already")


class PathwayOpenedAlready(Refusal):
    """The person's pathway of this episode was opened before."""

    code: ClassVar[str] = "pathway-opened-already"

    def __init__(self) -> None:
        super().__init__("this pathway is open already: record on it instead of opening it")


class PathwayClosedAlready(Refusal):
    """The pathway has ended; whatever happens now belongs to another episode."""

    code: ClassVar[str] = "pathway-closed-already"

    def __init__(self) -> None:
        super().__init__("this pathway is closed: readmit the person to open the next one")


class PathwayIsSuspended(Refusal):
    """The pathway rests and takes only resumption, closing, notes and facts of contact."""

    code: ClassVar[str] = "pathway-suspended"

    def __init__(self) -> None:
        super().__init__("this pathway is suspended: resume it first")


class PathwayNotSuspended(Refusal):
    """Only a suspended pathway can be resumed."""

    code: ClassVar[str] = "pathway-not-suspended"

    def __init__(self) -> None:
        super().__init__("this pathway is not suspended: there is nothing to resume")


class NotInMethodology(Invalid):
    """The pathway's version of the methodology knows no such code."""

    code: ClassVar[str] = "not-in-methodology"

    def __init__(self, what: str, version: str) -> None:
        super().__init__(f"no such {what} in version {version} of the methodology: see /methodology")


class ScoreOutOfScale(Invalid):
    """A score lies outside its scale."""

    code: ClassVar[str] = "score-out-of-scale"

    def __init__(self, item: str, lowest: int, highest: int) -> None:
        super().__init__(f"the score of {item} must be from {lowest} to {highest}")


class AlreadyRecorded(Refusal):
    """An id that the client chose was used on this pathway before."""

    code: ClassVar[str] = "already-recorded"

    def __init__(self) -> None:
        super().__init__(
            "something is recorded on this pathway under this id already, or it is named twice: choose a new id, or do nothing"
        )


class NotRecorded(Refusal):
    """A command names something that is not on this pathway, or is there no longer."""

    code: ClassVar[str] = "not-recorded"

    def __init__(self, what: str) -> None:
        super().__init__(f"no {what} stands on this pathway under this id: check the id")


class PeriodReversed(Invalid):
    """A situation cannot end before it began."""

    code: ClassVar[str] = "period-reversed"

    def __init__(self) -> None:
        super().__init__("a situation ends on the day it began or later: `until` is before `since`")


class BaselineTaken(Refusal):
    """There is one baseline; what was wrong in it is corrected, not taken again."""

    code: ClassVar[str] = "baseline-taken"

    def __init__(self, what: str) -> None:
        super().__init__(f"the baseline of {what} is recorded: name it in `corrects`, or record a change or follow-up")


class BaselineOver(Refusal):
    """From the first agreed plan on, what is recorded is no baseline any more."""

    code: ClassVar[str] = "baseline-over"

    def __init__(self) -> None:
        super().__init__("a plan was agreed: record a change or follow-up, a baseline not taken is never recovered")


class BaselineMissing(Refusal):
    """A plan needs the baseline it starts from."""

    code: ClassVar[str] = "baseline-missing"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"record the baseline before proposing a plan; missing: {', '.join(missing)}")
        self.missing = tuple(missing)


class PlanAwaitsAnswer(Refusal):
    """A proposal lies before the person; a second one would confuse what they agree to."""

    code: ClassVar[str] = "plan-awaits-answer"

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} of the plan awaits the person's answer: record it first")


class PlanNotProposed(Refusal):
    """Only the version that lies before the person can be agreed or declined."""

    code: ClassVar[str] = "plan-not-proposed"

    def __init__(self) -> None:
        super().__init__("this version of the plan is not awaiting an answer: read the pathway, whose plan says which version is")


class SecondMemberNeeded(Refusal):
    """The author of a plan cannot confirm its agreement alone."""

    code: ClassVar[str] = "second-member-needed"

    def __init__(self) -> None:
        super().__init__("the plan's author cannot confirm it: another member of the team records the agreement")


class PlanNotUnderstood(Refusal):
    """Nobody agrees to what they cannot read."""

    code: ClassVar[str] = "plan-not-understood"

    def __init__(self) -> None:
        super().__init__("the person must read the language of the plan, or a mediator must be recorded")


class PlanAcceptedAlready(Refusal):
    """The person's agreement is recorded, and the plan awaits its confirmation."""

    code: ClassVar[str] = "plan-accepted-already"

    def __init__(self, runs_from: date) -> None:
        super().__init__(f"the person's agreement is recorded: the plan is confirmed by another, or runs from {runs_from}")


class PlanNotAccepted(Refusal):
    """Nobody outside of the team confirms a plan to which the person did not agree."""

    code: ClassVar[str] = "plan-not-accepted"

    def __init__(self) -> None:
        super().__init__("this version of the plan awaits no confirmation from outside of the team")


class PlanNotDue(Refusal):
    """The plan that a timer asks about was confirmed, declined, or runs from another day."""

    code: ClassVar[str] = "plan-not-due"

    def __init__(self) -> None:
        super().__init__("no plan runs unconfirmed from that day")


class NoAgreedPlan(Refusal):
    """Only an agreed plan is reviewed."""

    code: ClassVar[str] = "no-agreed-plan"

    def __init__(self) -> None:
        super().__init__("no plan is agreed on this pathway: there is nothing to review")


class ReviewTooSoon(Refusal):
    """A review answers the one that is awaited; one held before that cycle began belongs to the cycle before."""

    code: ClassVar[str] = "review-too-soon"

    def __init__(self) -> None:
        super().__init__("the plan was agreed or reviewed on that day or later: add a note instead")


class ReviewNotDue(Refusal):
    """The review that a timer asks about was held, moved or is awaited no longer."""

    code: ClassVar[str] = "review-not-due"

    def __init__(self) -> None:
        super().__init__("no review is awaited for that day")


class MilestoneHeld(Refusal):
    """A milestone is reached once; it can be reached again only after it was retracted."""

    code: ClassVar[str] = "milestone-held"

    def __init__(self) -> None:
        super().__init__("this milestone is recorded already: retract the earlier record if it is wrong")


class GrantExceeded(Refusal):
    """More cannot be paid than was granted."""

    code: ClassVar[str] = "grant-exceeded"

    def __init__(self, left_cents: int) -> None:
        super().__init__(f"only {left_cents} cents of this grant are left to pay")


class GrantOfAnother(Refusal):
    """A grant is paid and returned by the organisation that made it, on its own budget line."""

    code: ClassVar[str] = "grant-of-another-organisation"

    def __init__(self) -> None:
        super().__init__("another organisation made this grant on its own budget line: make a grant of your own for what is still needed")


class ReturnExceeded(Refusal):
    """More cannot come back than was paid."""

    code: ClassVar[str] = "return-exceeded"

    def __init__(self, left_cents: int) -> None:
        super().__init__(f"only {left_cents} cents of this grant were paid and are not back yet")


class AttendanceRecordedAlready(Refusal):
    """A person is at an activity once; a wrong record is replaced."""

    code: ClassVar[str] = "attendance-recorded-already"

    def __init__(self, standing: UUID) -> None:
        super().__init__(f"the attendance of this activity is recorded as {standing}: name it in `corrects` if it is wrong")


class ConcernClosedAlready(Refusal):
    """The concern needs no more."""

    code: ClassVar[str] = "concern-closed-already"

    def __init__(self) -> None:
        super().__init__("this concern is closed: raise another one if there is new cause")


class ContactLostAlready(Refusal):
    """The person is known to be unreachable."""

    code: ClassVar[str] = "contact-lost-already"

    def __init__(self) -> None:
        super().__init__("contact is recorded as lost already")


class ContactNotLost(Refusal):
    """There is no lost contact to regain."""

    code: ClassVar[str] = "contact-not-lost"

    def __init__(self) -> None:
        super().__init__("contact is not recorded as lost")
