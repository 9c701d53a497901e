"""Versions of the shared methodology over HTTP: proposed by the lead partner, endorsed by partners, listed for all of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints

from contracts.errors import Unknown
from contracts.reference import consortium
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.web.bodies import Code, CommandBody
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.parts import web_of
from services.pathways.app.methodologies import METHODOLOGY, methodology_id_of
from services.pathways.domain.methodology_version import EndorseMethodology, Proposed, ProposeMethodology

if TYPE_CHECKING:
    from contracts.methodologies import PartnerKind
    from services._runtime.opening import Opened
    from services._runtime.web.parts import Web
    from services.pathways.app.methodologies import Governance
    from services.pathways.domain.methodology import Methodologies
    from services.pathways.domain.methodology_version import MethodologyState, Quorum

Version = Annotated[Code, Path(description="the version, such as 1.1")]


class ProposalBody(CommandBody):
    """What is proposed: the files that everybody has, by their hash."""

    content_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(description="as GET /methodologies tells it")]


class EndorsementBody(CommandBody):
    """The caller's organisation is for it."""


class VersionView(BaseModel):
    """A version and how far it is. `effective_from` is null until it is published."""

    version: str
    status: Literal["draft", "proposed", "published"]
    content_sha256: str
    effective_from: date | None
    endorsed_by: list[str]
    needed: Annotated[int, Field(description="how many partners the quorum of today asks for")]
    record_version: Annotated[int, Field(description="the version of the record to decide on, for If-Match; 0 where nothing is recorded")]


class VersionsView(BaseModel):
    """Every version that there is."""

    items: list[VersionView]


def kind_of(organisation: str) -> PartnerKind | None:
    """Return what a partner of the consortium is; None for whoever is none."""
    if organisation in {one.code for one in consortium().municipalities}:
        return "municipality"
    kinds = {one.code: one.kind for one in consortium().organisations}
    if organisation not in kinds:
        return None
    return "third-sector" if kinds[organisation] == "third_sector" else "research-institute"


def methodology_router(methodologies: Methodologies, governance: Governance) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(tags=["methodology"])

    @router.post("/methodologies/{version}/proposal", status_code=201)
    async def propose(
        version: Version, body: ProposalBody, call: Annotated[Call, Depends(command("pathways.propose-methodology", needs="nothing"))]
    ) -> ReceiptBody:
        """Put a version before the partners, with the strategy that it serves."""
        found = methodologies.versions.get(version)
        if found is None or version == governance.founding:
            raise Unknown("no such version waits to be proposed: its files come with Ancora, see /methodologies")
        asked = ProposeMethodology(
            version=version,
            organisation=call.caller.organisation,
            content_sha256=body.content_sha256,
            expected_sha256=governance.hashes[version],
            objectives=tuple(one.code for one in found.objectives),
        )
        return await call.execute(body, Step(METHODOLOGY, methodology_id_of(version), asked, call.expected_version))

    @router.post("/methodologies/{version}/endorsements")
    async def endorse(
        version: Version, body: EndorsementBody, call: Annotated[Call, Depends(command("pathways.endorse-methodology"))]
    ) -> ReceiptBody:
        """Endorse a version for the caller's organisation. Where that reaches the quorum, it is published."""
        # The day of the endorsement itself, not one that a body names: no version comes into use in the past.
        on = day_of(call.now)
        organisation = call.caller.organisation
        asked = EndorseMethodology(organisation=organisation, kind=kind_of(organisation), on=on, quorum=governance.quorum(on))
        return await call.execute(body, Step(METHODOLOGY, methodology_id_of(version), asked, call.expected_version))

    @router.get("/methodologies", dependencies=[Depends(allow("pathways.list-methodologies", recorded=False))])
    async def versions(request: Request) -> VersionsView:
        """Return every version, how far it is, and who endorsed it."""
        return await _versions(web_of(request), methodologies, governance)

    return router


async def _versions(web: Web, methodologies: Methodologies, governance: Governance) -> VersionsView:
    if web.commands is None:
        raise RuntimeError("the application was created without commands")
    quorum = governance.quorum(day_of(web.clock.now()))
    opened = {version: await web.commands.read(METHODOLOGY, methodology_id_of(version)) for version in methodologies.versions}
    return VersionsView(items=[_view(version, governance, quorum, one) for version, one in opened.items()])


def _view(version: str, governance: Governance, quorum: Quorum, opened: Opened[MethodologyState]) -> VersionView:
    state = opened.state
    view = VersionView(
        version=version,
        status="published" if version == governance.founding else "draft",
        content_sha256=governance.hashes[version],
        effective_from=governance.founded if version == governance.founding else None,
        endorsed_by=[],
        needed=quorum.partners,
        record_version=opened.version,
    )
    if not isinstance(state, Proposed):
        return view
    status = "proposed" if state.effective_from is None else "published"
    return view.model_copy(update={"status": status, "effective_from": state.effective_from, "endorsed_by": sorted(state.endorsed)})
