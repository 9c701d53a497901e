"""Published events of the pathways service about who agrees to a plan: the person, and a second pair of eyes where there is one.

A plan is confirmed by a second member of the team. Where the team has none, the lead partner's methodology contact confirms it on the
events as they travel, which name nobody; and where ten working days pass without either, the plan runs and says so.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.fields import BeneficiaryId, Episode, PathwayId
from contracts.pathway_values import Language, Mediator, Pseudonym

Confirmation = Literal["team-member", "methodology-contact", "none-in-time"]


class _OfPlan(BaseModel):
    pathway_id: PathwayId
    beneficiary_id: BeneficiaryId
    plan_version: int = Field(description="which version of the plan: 1, 2, 3 …")


class PlanAccepted(_OfPlan, Event, type="pathways.plan_accepted"):
    """The person agreed to the plan, and the team has no second member who could confirm it."""

    mediated: bool = Field(description="whether a mediator interpreted; if not, the person reads the language")
    runs_from: date = Field(description="the day from which the plan runs unconfirmed: ten working days later")
    language: Language = None
    mediator: Mediator = None


class PlanAgreed(_OfPlan, Event, type="pathways.plan_agreed", version=2):
    """The person agreed to the plan, in a language they read or with a mediator; it runs, and says who else looked at it."""

    episode: Episode
    wants_tutor: bool = Field(description="whether the person wants a territorial tutor")
    confirmation: Confirmation = Field(description="who confirmed it; none-in-time flags a plan that runs without")
    second_member: Pseudonym | None = Field(description="pseudonym of who confirmed it, another than the author; None where nobody did")
    mediated: bool = Field(description="whether a mediator interpreted; if not, the person reads the language")
    review_due: date = Field(description="day by which the plan is to be reviewed")
    language: Language = None
    mediator: Mediator = None
