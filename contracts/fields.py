"""Fields that mean the same in every emitter's events, each with its meaning: it stands in the schemas and in the reference."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

BeneficiaryId = Annotated[UUID, Field(description="the person in care: random, says nothing")]
HouseholdId = Annotated[UUID, Field(description="the household: random, says nothing")]
TutorId = Annotated[UUID, Field(description="the Territorial Tutor: random, says nothing")]
VolunteerId = Annotated[UUID, Field(description="a volunteer of a group or an association: random, says nothing")]
PathwayId = Annotated[UUID, Field(description="derived from beneficiary and episode, random to anyone else")]
RequestId = Annotated[UUID, Field(description="the request for a tutor: derived from the pathway's id")]
AssignmentId = Annotated[UUID, Field(description="the assignment of a tutor to a person")]

Episode = Annotated[int, Field(description="which time in care: 1 for the first enrolment, one more after each readmission")]
Organisation = Annotated[str, Field(description="code of the organisation that is responsible, from the reference data")]
Territory = Annotated[str, Field(description="code of the province, such as PR")]
Municipality = Annotated[str | None, Field(description="ISTAT code, where it is one of the consortium's municipalities")]
Programme = Annotated[str, Field(description="code of the programme, such as ancora-2.0")]
PolicyVersion = Annotated[str, Field(description="version of the policy by which it was decided")]
