"""Histories and commands that the pathways' tests begin with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from contracts.pathway_values import Evidence, Tie
from services.pathways.adapters.methodology_files import read_methodologies
from services.pathways.app.decider import pathway_decider
from services.pathways.domain.commands import (
    AgreePlan,
    AssessNeeds,
    MapNetwork,
    OpenPathway,
    ProposePlan,
    RecordSituations,
    Situation,
)
from tests.support.given import given

if TYPE_CHECKING:
    from contracts.pathway_values import SituationMoment
    from services.pathways.domain.commands import PathwayCommand
    from services.pathways.domain.course import Ids
    from services.pathways.domain.pathway import PathwayEvent

METHODOLOGIES = read_methodologies()
PATHWAY = pathway_decider(METHODOLOGIES)
PATHWAYS = given(PATHWAY)

_NAMES = UUID("00000000-0000-4000-8000-0000000a4c0a")


def an_id(name: str) -> UUID:
    """Return the id that tests call `name`."""
    return UUID(int=uuid5(_NAMES, name).int, version=4)


PATHWAY_ID, BENEFICIARY, TUTOR, ASSIGNMENT = (an_id(name) for name in ("pathway", "beneficiary", "tutor", "assignment"))
IDS: Ids = {"pathway_id": PATHWAY_ID, "beneficiary_id": BENEFICIARY}
AUTHOR, SECOND = "worker-1", "worker-2"
AGREED_ON = date(2021, 3, 10)
FIRST_REVIEW = date(2021, 6, 8)
CERTIFICATE = Evidence(kind="certificate", holder="CPIA Parma", place="folder 7", date=date(2021, 4, 2), sha256="ab" * 32)

OPEN = OpenPathway(pathway_id=PATHWAY_ID, beneficiary_id=BENEFICIARY, episode=1, organisation="ciac", territory="PR", municipality="034027")
BASELINE_VALUES = {"housing": "reception", "work": "seeking", "income": "none", "language": "a1", "schooling": "primary"}


def situations(values: dict[str, str], moment: SituationMoment = "baseline", since: date = date(2021, 1, 1)) -> RecordSituations:
    """Record one situation per area, with an id made of moment and area."""
    return RecordSituations(
        moment=moment,
        situations=tuple(
            Situation(situation_id=an_id(f"{moment} {area} {value}"), area=area, value=value, since=since) for area, value in values.items()
        ),
    )


SITUATIONS = situations(BASELINE_VALUES)
NETWORK = MapNetwork(
    map_id=an_id("map"),
    moment="baseline",
    ties=(
        Tie(connection="bond", kind="family", strength="strong", count=2),
        Tie(connection="bond", kind="housemate", strength="weak", count=3),
        Tie(connection="link", kind="employer", strength="weak", count=1),
    ),
)
NEEDS = AssessNeeds(
    assessment_id=an_id("needs"),
    instrument="needs-and-resources",
    instrument_version="1.0",
    respondent="worker",
    moment="baseline",
    scores={"housing": 2, "work": 2, "health": 3, "safety": 4},
    notes="speaks of his knee",
)
PROPOSE = ProposePlan(author=AUTHOR, wants_tutor=True, language="fr", summary="a home and a job")
AGREE = AgreePlan(plan_version=1, second_member=SECOND, on=AGREED_ON, language="fr", reads_language=True)
BASELINE = (OPEN, SITUATIONS, NETWORK, NEEDS)
AGREED = (*BASELINE, PROPOSE, AGREE)


def history(*commands: PathwayCommand) -> list[PathwayEvent]:
    """Return the events that these commands led to, one after the other."""
    events: list[PathwayEvent] = []
    state = PATHWAY.initial
    for command in commands:
        decided = PATHWAY.decide(command, state)
        for event in decided:
            state = PATHWAY.evolve(state, event)
        events += decided
    return events
