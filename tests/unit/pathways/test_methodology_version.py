"""A version of the methodology: proposed, endorsed by partners, published by a quorum, and used from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts.errors import Unknown
from contracts.intake import BeneficiaryEnrolled
from contracts.intake_codes import Sex
from contracts.methodologies import MethodologyEndorsed, MethodologyProposed, MethodologyPublished
from contracts.pathways import PathwayOpened
from contracts.reference import consortium
from services._runtime.clock import SimulatedClock
from services._runtime.decider import Context
from services._runtime.handling import Commands, Step
from services._runtime.reactions import delivered
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.port import InboxEntry
from services._runtime.store.recording import Recorder
from services.pathways.adapters.methodologies_in import kind_of
from services.pathways.adapters.methodology_files import read_governance
from services.pathways.app.decider import pathway_decider
from services.pathways.app.methodologies import METHODOLOGY, in_use, methodology_id_of, versions_in_use
from services.pathways.app.process_managers import pathway_id_of, process_manager
from services.pathways.domain.methodology import Methodologies
from services.pathways.domain.methodology_version import (
    ContentDiffers,
    EndorseMethodology,
    MethodologyEndorsedAlready,
    MethodologyProposedAlready,
    NotAPartner,
    ProposeMethodology,
)
from tests.support.given import given
from tests.support.read_models import feed_of, happened
from tests.unit.pathways.cases import BENEFICIARY, METHODOLOGIES, an_id

VERSIONS = given(METHODOLOGY)
SHA, NOW = "ab" * 32, datetime(2021, 3, 1, 10, tzinfo=UTC)
TODAY = NOW.date()
GOVERNANCE = replace(read_governance(), hashes={**read_governance().hashes, "1.1": SHA})
QUORUM = GOVERNANCE.quorum(TODAY)
WITH_NEXT = Methodologies("1.0", {**METHODOLOGIES.versions, "1.1": METHODOLOGIES["1.0"].model_copy(update={"version": "1.1"})})
PROPOSE = ProposeMethodology(version="1.1", organisation="ciac", content_sha256=SHA, expected_sha256=SHA, objectives=("belonging",))
PROPOSED = MethodologyProposed(version="1.1", organisation="ciac", content_sha256=SHA, objectives=("belonging",))
THIRD_SECTOR = [one.code for one in consortium().organisations if one.kind == "third_sector"]
NINE = THIRD_SECTOR[:9]


def endorse(organisation: str) -> EndorseMethodology:
    """Return a partner's endorsement of today."""
    return EndorseMethodology(organisation=organisation, kind=kind_of(organisation), on=TODAY, quorum=QUORUM)


def endorsed(*organisations: str) -> list[MethodologyProposed | MethodologyEndorsed]:
    """Return the proposal and these endorsements."""
    kinds = [(one, kind_of(one)) for one in organisations]
    return [PROPOSED, *(MethodologyEndorsed(version="1.1", organisation=one, kind=kind) for one, kind in kinds if kind is not None)]


def test_a_version_is_proposed_once_with_the_files_that_everybody_has() -> None:
    """What is endorsed is what is used."""
    VERSIONS([]).when(PROPOSE).then([PROPOSED])
    VERSIONS([PROPOSED]).when(PROPOSE).refused(MethodologyProposedAlready)
    VERSIONS([]).when(replace(PROPOSE, content_sha256="cd" * 32)).refused(ContentDiffers)


def test_each_partner_endorses_once_and_nobody_else_does() -> None:
    """Third sector, research institute and municipality, each for its own organisation."""
    VERSIONS([PROPOSED]).when(endorse("iprs")).then([MethodologyEndorsed(version="1.1", organisation="iprs", kind="research-institute")])
    VERSIONS(endorsed("iprs")).when(endorse("iprs")).refused(MethodologyEndorsedAlready)
    VERSIONS([PROPOSED]).when(endorse("somebody-else")).refused(NotAPartner)
    VERSIONS([]).when(endorse("iprs")).refused(Unknown)
    assert [kind_of(one) for one in ("ciac", "comune-parma")] == ["third-sector", "municipality"]


def test_the_quorum_publishes_it_with_notice() -> None:
    """The majority of the twenty partners, each kind among them; not one less, and no kind alone."""
    published = MethodologyPublished(
        version="1.1", content_sha256=SHA, effective_from=date(2021, 3, 31), endorsements=11, quorum_version="1"
    )
    last = MethodologyEndorsed(version="1.1", organisation="comune-parma", kind="municipality")
    VERSIONS(endorsed(*NINE, "iprs")).when(endorse("comune-parma")).then([last, published])
    VERSIONS(endorsed(*NINE[:8], "iprs")).when(endorse("comune-parma")).then([last])
    VERSIONS(endorsed(*THIRD_SECTOR)).when(endorse("comune-parma")).then([last])
    VERSIONS([*endorsed(*NINE, "iprs", "comune-parma"), published]).when(endorse("comune-bergamo")).then_types(MethodologyEndorsed)


def test_a_rule_holds_from_its_day_on() -> None:
    """Another quorum is another line of data, and changes nothing of before."""
    later = replace(QUORUM, version="2", partners=15)
    governance = replace(GOVERNANCE, quorums={date(2020, 6, 1): QUORUM, date(2022, 1, 1): later})
    assert [governance.quorum(day).version for day in (date(2019, 1, 1), date(2021, 12, 31), date(2022, 1, 1))] == ["1", "1", "2"]


class Service:
    """The pathways service without its media, with a version 1.1 among its files."""

    def __init__(self) -> None:
        """Start with an empty store."""
        self.store = MemoryEventStore("pathways", clock=SimulatedClock(NOW))
        self.commands = Commands(self.store, Recorder(MemoryKeyring()))
        self.pathways = pathway_decider(WITH_NEXT)

    async def publish(self, partners: list[str]) -> None:
        """Propose 1.1 and let these partners endorse it."""
        context = Context(
            actor="lead-1", organisation="ciac", role="lead-partner", purpose="care", correlation=an_id("c"), now=NOW, occurred_on=TODAY
        )
        for command in (PROPOSE, *map(endorse, partners)):
            await self.commands.execute(Step(METHODOLOGY, methodology_id_of("1.1"), command), context=context)

    async def opened_on(self, day: date) -> str:
        """Let an enrolment of that day arrive; return the version under which the pathway opened."""
        event = BeneficiaryEnrolled(beneficiary_id=BENEFICIARY, episode=day.day, organisation="ciac", territory="PR", sex=Sex.MALE)
        (fed,) = feed_of("intake", [happened(event, occurred_on=day)])
        manager = process_manager(self.pathways, versions_in_use(WITH_NEXT, GOVERNANCE))
        came = delivered(fed, NOW)
        await manager.reactions[BeneficiaryEnrolled](came, self.commands, InboxEntry(manager.name, an_id(f"delivery {day}")))
        (opened,) = (await self.commands.read(self.pathways, pathway_id_of(BENEFICIARY, day.day))).events
        assert isinstance(opened, PathwayOpened)
        return opened.methodology_version


@pytest.mark.parametrize("partners", [[], [*NINE, "iprs"]], ids=["proposed", "one endorsement short"])
async def test_a_version_that_is_not_published_is_used_for_no_new_pathway(partners: list[str]) -> None:
    """Whatever day it is."""
    service = Service()
    await service.publish(partners)
    assert await service.opened_on(date(2021, 12, 24)) == "1.0"


async def test_pathways_open_under_a_published_version_from_its_day_on_and_keep_theirs() -> None:
    """Version 1.0 was in use from the first day: it stays readable, and those that have it keep it."""
    service = Service()
    assert await service.opened_on(date(2021, 2, 1)) == "1.0"
    await service.publish([*NINE, "iprs", "comune-parma"])
    assert await service.opened_on(date(2021, 3, 30)) == "1.0"
    assert await service.opened_on(date(2021, 3, 31)) == "1.1"
    state = (await service.commands.read(service.pathways, pathway_id_of(BENEFICIARY, 1))).state
    assert getattr(state, "course").methodology == "1.0"  # noqa: B009 - open, which mypy is not told


async def test_files_that_are_not_those_that_were_endorsed_are_not_used() -> None:
    """A version that somebody edited afterwards is another one."""
    service = Service()
    await service.publish([*NINE, "iprs", "comune-parma"])
    edited = replace(GOVERNANCE, hashes={**GOVERNANCE.hashes, "1.1": "cd" * 32})
    assert await in_use(service.commands, WITH_NEXT, edited, date(2021, 12, 24)) == "1.0"
