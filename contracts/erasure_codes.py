"""The codes in which an erasure speaks: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class RequestedBy(StrEnum):
    """Who wants the personal data erased: the person, somebody for the organisation, or the end of the time for which they are kept."""

    PERSON = "the-person"
    OFFICER = "the-organisation"
    RETENTION = "retention-ended"


class DeferralGround(StrEnum):
    """Why personal data are kept although their erasure was asked for: GDPR art. 17(3), letters a to e."""

    FREEDOM_OF_EXPRESSION = "freedom-of-expression"
    LEGAL_OBLIGATION = "legal-obligation"
    PUBLIC_HEALTH = "public-health"
    ARCHIVING_OR_RESEARCH = "archiving-or-research"
    LEGAL_CLAIMS = "legal-claims"


class SubjectKind(StrEnum):
    """As what somebody is in Ancora, and so which service conducts their erasure: intake a beneficiary's, tutors a tutor's."""

    BENEFICIARY = "beneficiary"
    TUTOR = "tutor"


class Holder(StrEnum):
    """A service that holds keys and must destroy them before an erasure is complete."""

    INTAKE = "intake"
    PATHWAYS = "pathways"
    TUTORS = "tutors"
    REPORTING = "reporting"
