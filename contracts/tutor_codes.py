"""The code lists of the tutors service's events: the only words of theirs that travel clear."""

from __future__ import annotations

from enum import StrEnum


class TutorKind(StrEnum):
    """Who volunteers: one citizen, an informal group (friends, a parish, a club), or an association."""

    CITIZEN = "citizen"
    GROUP = "group"
    ASSOCIATION = "association"


class VettingOutcome(StrEnum):
    """The result of the interview and check of suitability (*colloquio e verifica di idoneità*)."""

    PASSED = "passed"
    FAILED = "failed"


class LapseReason(StrEnum):
    """Why an approval no longer stands."""

    VETTING_EXPIRED = "vetting_expired"
    VETTING_FAILED = "vetting_failed"
    INSURANCE_EXPIRED = "insurance_expired"


class SuspensionReason(StrEnum):
    """Why a tutor may not be assigned for a time. What led the organisation to it is sealed, in the event's notes."""

    TUTOR_ASKED = "tutor_asked"
    ORGANISATION_DECIDED = "organisation_decided"


class RetirementReason(StrEnum):
    """Why a tutor left the register. What led the organisation to it is sealed, in the event's notes."""

    TUTOR_ASKED = "tutor_asked"
    MOVED = "moved"
    ORGANISATION_DECIDED = "organisation_decided"


class WithdrawalReason(StrEnum):
    """Why a request for a tutor no longer stands.

    After `BENEFICIARY_EXITED` it can never open again; after `RECORDED_ELSEWHERE`, if the two records turn out to be two persons'.
    """

    NO_LONGER_WANTED = "no_longer_wanted"
    REQUESTED_IN_ERROR = "requested_in_error"
    BENEFICIARY_EXITED = "beneficiary_exited"
    RECORDED_ELSEWHERE = "recorded_elsewhere"


class EndReason(StrEnum):
    """Why an assignment ended."""

    CONCLUDED = "concluded"
    BENEFICIARY_ASKED = "beneficiary_asked"
    TUTOR_ASKED = "tutor_asked"
    TUTOR_UNAVAILABLE = "tutor_unavailable"
    MOVED = "moved"
    BENEFICIARY_EXITED = "beneficiary_exited"
    TRANSFERRED = "transferred"
    OTHER = "other"


class MeetingKind(StrEnum):
    """How tutor and beneficiary met. Each is a contact; all but `REMOTE` are meetings in person."""

    IN_PERSON = "in_person"
    ACCOMPANIMENT = "accompaniment"
    GROUP = "group"
    REMOTE = "remote"


class ConnectionKind(StrEnum):
    """To whom a tutor introduced the beneficiary. Never a name: kinds are all that is kept."""

    ASSOCIATION = "association"
    EMPLOYER = "employer"
    NEIGHBOUR = "neighbour"
    SERVICE = "service"
    PEER_GROUP = "peer_group"
    OTHER = "other"


class SilenceKind(StrEnum):
    """Which clock ran out: no contact (14 days), no meeting in person (45), or no contact until it must be escalated (60)."""

    CONTACT = "contact"
    MEETING = "meeting"
    ESCALATION = "escalation"
