"""Published events of the pathways service about the shared methodology: one stream per version, proposed, endorsed, published.

A version's content is a set of files that everybody has; the events name it by its hash, so that what was endorsed is what is used.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from contracts.event import Event
from contracts.pathway_values import Code

PartnerKind = Literal["third-sector", "research-institute", "municipality"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(description="SHA-256 of the version's files")]


class _OfMethodology(BaseModel):
    version: Code = Field(description="the version of the methodology, such as 1.1")


class MethodologyProposed(_OfMethodology, Event, type="pathways.methodology_proposed"):
    """The lead partner put a version before the partners, with the strategy that it serves."""

    organisation: Code = Field(description="the organisation that proposes it")
    content_sha256: Sha256
    objectives: tuple[Code, ...] = Field(description="the objectives of the strategy that it serves")


class MethodologyEndorsed(_OfMethodology, Event, type="pathways.methodology_endorsed"):
    """A partner is for it; each once."""

    organisation: Code = Field(description="the partner")
    kind: PartnerKind = Field(description="what the partner is")


class MethodologyPublished(_OfMethodology, Event, type="pathways.methodology_published"):
    """So many partners endorsed it that the steering committee's quorum is reached: pathways that open from that day on keep to it."""

    content_sha256: Sha256
    effective_from: date = Field(description="the first day on which pathways open under it")
    endorsements: int = Field(ge=1, description="how many partners endorsed it")
    quorum_version: Code = Field(description="version of the rule by which so many were enough")
