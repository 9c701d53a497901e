"""Commands and facts that the tests of matching start from: one request, one tutor proposed for it, another beside."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from contracts.matching import Accepting, MatchDeclined
from contracts.matching_codes import MatchDeclineReason, MatchParty
from contracts.tutor_codes import WithdrawalReason
from contracts.tutor_requests import RequestMet, RequestReopened, RequestWithdrawn
from services.tutors.app.deciders import REQUEST, SERVING
from services.tutors.domain.matching_commands import (
    AcceptMatch,
    DeclineMatch,
    ProposeMatch,
)
from services.tutors.domain.matching_policies import HOLDINGS, Part
from services.tutors.domain.request_commands import MeetRequest
from services.tutors.domain.weighing import Weighed
from tests.support.given import given
from tests.unit.tutors.cases import (
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    MATCH_ID,
    REQUEST_ID,
    TODAY,
    TUTOR_ID,
    after,
)

given_request = given(REQUEST)
given_tutor = given(SERVING)

OTHER_TUTOR = UUID("99999999-9999-4999-8999-999999999999")
PARTS: dict[Part, int | None] = dict.fromkeys(Part) | {Part.CONTINUITY: 0}
PROPOSE = ProposeMatch(match_id=MATCH_ID, tutor_id=TUTOR_ID, on=TODAY, availability=0, weighed=Weighed("2020-06", PARTS, 4250))
ACCEPT = AcceptMatch(by=MatchParty.TUTOR, first_meeting_on=after(2), on=after(3), insured=True)
DECLINE = DeclineMatch(by=MatchParty.TUTOR, reason=MatchDeclineReason.NOT_WANTED, on=after(1), availability=0, notes="Abita lontano.")
MEET = MeetRequest(assignment_id=ASSIGNMENT_ID, tutor_id=TUTOR_ID, starts_on=TODAY)
MET = RequestMet(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, assignment_id=ASSIGNMENT_ID, tutor_id=TUTOR_ID)
WITHDRAWN = RequestWithdrawn(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, reason=WithdrawalReason.NO_LONGER_WANTED)
REOPENED = RequestReopened(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, assignment_id=ASSIGNMENT_ID)
BOTH: tuple[Accepting, ...] = (MatchParty.TUTOR, MatchParty.BENEFICIARY)


def declined(
    reason: MatchDeclineReason, *, until: date | None = None, availability: int | None = None, tutor_id: UUID = TUTOR_ID
) -> MatchDeclined:
    return MatchDeclined(
        match_id=MATCH_ID,
        request_id=REQUEST_ID,
        beneficiary_id=BENEFICIARY_ID,
        tutor_id=tutor_id,
        by=MatchParty.TUTOR,
        reason=reason,
        holds=HOLDINGS[reason],
        until=until,
        availability=availability,
    )


NOT_WANTED = declined(MatchDeclineReason.NOT_WANTED)
