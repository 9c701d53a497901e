"""What a matching run answers: proposals with their reasons in words, and why somebody has none. Pseudonyms, no personal values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.tutors.adapters.matching_words import EXCLUSIONS, words_of
from services.tutors.domain.matching_policies import MatchingPolicy, Part

if TYPE_CHECKING:
    from services.tutors.adapters.matching_people import People
    from services.tutors.app.proposing import Proposal, Run, Unmatched


class Reason(BaseModel):
    """One part of a score: `fit` from 0 to 100, null where one side said nothing of it; `points` are what it counts, by its weight."""

    part: Part
    fit: int | None
    weight: int
    points: int
    it: str
    en: str


class ProposalAnswer(BaseModel):
    """A pair of the best solution for all. `version` is the request's: the one to propose it on."""

    request_id: UUID
    version: int
    beneficiary_id: UUID
    tutor_id: UUID
    score: Annotated[int, Field(description="0 to 10000")]
    reasons: list[Reason]


class Exclusion(BaseModel):
    """How many tutors a filter took away."""

    filter: str
    tutors: int
    it: str
    en: str


class UnmatchedAnswer(BaseModel):
    """Who has nobody, and why: what each filter took away; `fitting` tutors would do, but all their places are better given to others."""

    request_id: UUID
    beneficiary_id: UUID
    fitting: int
    excluded: list[Exclusion]


class RunAnswer(BaseModel):
    """The best solution for all open requests of a territory at once. `in_talks` are those about which somebody still has to answer."""

    territory: str
    day: date
    policy_version: str
    tutors: Annotated[int, Field(description="how many were looked at")]
    proposals: list[ProposalAnswer]
    unmatched: list[UnmatchedAnswer]
    in_talks: list[UUID]


def run_answer(territory: str, day: date, policy: MatchingPolicy, people: People, found: Run) -> RunAnswer:
    """Return what is said of a run."""
    return RunAnswer(
        territory=territory,
        day=day,
        policy_version=policy.version,
        tutors=len(people.candidates),
        proposals=[_proposal(each, policy, people.versions) for each in found.proposals],
        unmatched=[_unmatched(each) for each in found.unmatched],
        in_talks=list(people.in_talks),
    )


def _proposal(one: Proposal, policy: MatchingPolicy, versions: Mapping[UUID, int]) -> ProposalAnswer:
    return ProposalAnswer(
        request_id=one.seeker.request_id,
        version=versions[one.seeker.request_id],
        beneficiary_id=one.seeker.beneficiary_id,
        tutor_id=one.candidate.tutor_id,
        score=one.weighed.score,
        reasons=[_reason(part, one.weighed.parts[part], policy) for part in Part],
    )


def _reason(part: Part, fit: int | None, policy: MatchingPolicy) -> Reason:
    weight, words = policy.weights[part], words_of(part, fit)
    points = weight * (policy.unknown if fit is None else fit)
    return Reason(part=part, fit=fit, weight=weight, points=points, it=words.it, en=words.en)


def _unmatched(one: Unmatched) -> UnmatchedAnswer:
    excluded = [Exclusion(filter=code, tutors=tutors, **EXCLUSIONS[code]._asdict()) for code, tutors in sorted(one.excluded.items())]
    return UnmatchedAnswer(
        request_id=one.seeker.request_id, beneficiary_id=one.seeker.beneficiary_id, fitting=one.fitting, excluded=excluded
    )
