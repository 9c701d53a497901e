"""How version 1.1 of the methodology came into use: proposed by the lead partner after a year, endorsed until the quorum published it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services._runtime.ids import derived_id
from services.cli.caseload.dice import working_day
from services.cli.caseload.script import START, Target
from services.pathways.adapters.methodology_files import read_governance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.cli.caseload.script import Script

FIRST, NEXT = "1.0", "1.1"
_LANE = 6_000_000
_PROPOSED = working_day(START + timedelta(days=270))
_APART = timedelta(days=3)
_LATER_ONES = 2
"""Partners that endorse although the quorum is reached."""


def _endorsing() -> Sequence[str]:
    """Return who endorses, in order: one of each kind first, so that the majority of all partners is what publishes it."""
    reference = consortium()
    offices = [f"municipality.{town.code}" for town in reference.municipalities[:1]]
    institutes = [f"researcher.{one.code}" for one in reference.organisations if one.kind == "research"][:1]
    third_sector = [f"team-coordinator.{one.code}" for one in reference.organisations if one.kind == "third_sector"]
    needed = read_governance().quorum(_PROPOSED).partners
    return [*offices, *institutes, *third_sector][: needed + _LATER_ONES]


def _endorsed(at: int) -> date:
    return working_day(_PROPOSED + (at + 1) * _APART)


def effective() -> date:
    """Return the day from which pathways open under version 1.1."""
    quorum = read_governance().quorum(_PROPOSED)
    return _endorsed(quorum.partners - 1) + timedelta(days=quorum.notice_days)


def version_on(opened: date) -> str:
    """Return the version under which a pathway opens on a day, which it keeps."""
    return NEXT if opened >= effective() else FIRST


def publish(script: Script) -> None:
    """Add the proposal and the endorsements, the last of which that is needed publishes the version."""
    proposal = {"content_sha256": read_governance().hashes[NEXT]}
    _say(script, _PROPOSED, "/proposal", "lead-partner.ciac", proposal, creates=True)
    for at, login in enumerate(_endorsing()):
        _say(script, _endorsed(at), "/endorsements", login, {})


def _say(script: Script, day: date, action: str, login: str, body: dict[str, Any], *, creates: bool = False) -> None:
    stream = f"methodology-{derived_id('methodology', NEXT)}"
    target = Target(service="pathways", path=f"/methodologies/{NEXT}", stream=stream, lane=_LANE)
    script.say(day, target, action, login, body, creates=creates)
