"""Values inside the events of the pathways service: codes, marks of what is sealed, and the small records that events hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.personal import DataClass, Personal

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Dimension = Literal["housing", "socio-economic", "socio-relational"]
SituationMoment = Literal["baseline", "change", "exit"]
AssessmentMoment = Literal["baseline", "follow-up", "exit"]
Connection = Literal["bond", "bridge", "link"]
Strength = Literal["weak", "medium", "strong"]
Respondent = Literal["worker", "beneficiary"]
Responsible = Literal["beneficiary", "team", "tutor", "service"]
SuspensionReason = Literal["asked-by-the-person", "temporarily-elsewhere", "unreachable", "other"]
Pseudonym = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Cents = Annotated[int, Field(gt=0, le=100_000_000, description="euro cents")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Value(BaseModel):
    """A value inside an event: frozen and closed like the event itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Value):
    """Where the proof of a fact is kept: a reference, never the document itself."""

    kind: Code = Field(description="what it is, such as contract, certificate, receipt")
    holder: Text = Field(description="who keeps it")
    place: Text | None = Field(default=None, description="where it is kept, such as a folder or register number")
    date: Annotated[date, Field(description="the day that it bears")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="of the file, if one is kept"
    )


class Reserved(Value):
    """What a fact of a sensitive area would tell: its area, its code and its words. Always sealed."""

    area: Code = Field(description="the sensitive area, from the methodology")
    code: Code | None = Field(default=None, description="what the clear field would have said")
    text: Text | None = Field(default=None, description="its words")


class Tie(Value):
    """How many connections of one kind and strength a person has. Nobody is named."""

    connection: Connection = Field(description="bond to people alike, bridge to people unlike, link to institutions")
    kind: Code = Field(description="from the methodology, such as neighbour or employer")
    strength: Strength = Field(description="as the person sees it")
    count: Annotated[int, Field(ge=1, le=10_000, description="how many of them")]


Sealed = Annotated[Reserved | None, Personal(DataClass.HEALTH), Field(description="area, code and words, where the area is sensitive")]
Words = Annotated[Text | None, Personal(DataClass.NOTES)]
SealedEvidence = Annotated[Evidence | None, Personal(DataClass.EVIDENCE)]
Language = Annotated[str | None, Personal(DataClass.IDENTITY), Field(description="BCP 47 tag of the language used with the person")]
Mediator = Annotated[Text | None, Personal(DataClass.NOTES), Field(description="who interpreted, where someone did")]
