"""Two who edit at once, over HTTP: neither overwrites the other, and whoever comes second is told what they missed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services._runtime.ids import new_id
from tests.integration.pathways.test_http_in import AGREEMENT, SECOND, proposal, with_plan

if TYPE_CHECKING:
    from tests.integration.pathways.world import PathwaysWorld


async def test_concurrent_edits_do_not_silently_overwrite_each_other(world: PathwaysWorld) -> None:
    """Two revisions of one plan, decided on the same version and sent at once: one is stored, the other is a 412 that shows it."""
    pathway = await with_plan(world, new_id())
    decided_on = len(await world.store.load(f"pathway-{pathway}"))
    revisions = [("worker-1", "una casa"), ("worker-2", "prima il lavoro")]
    answers = await asyncio.gather(
        *(
            world.post(f"/pathways/{pathway}/plan-proposals", proposal(summary=summary), version=decided_on, sub=author)
            for author, summary in revisions
        )
    )
    won, lost = sorted(answers, key=lambda answer: answer.status)
    assert (won.status, lost.status) == (200, 412)
    assert lost.content["type"] == "urn:ancora:problem:stale-version"
    assert lost.content["current_version"] == decided_on + 1
    assert [(event["type"], event["version"]) for event in lost.content["unseen"]] == [("pathways.plan_revised", decided_on + 1)]
    history = (await world.get(f"/pathways/{pathway}")).content["history"]
    author, summary = revisions[answers.index(won)]
    revised = [(fact["actor"], fact["fields"]["summary"]) for fact in history if fact["type"] == "pathways.plan_revised"]
    assert revised == [(author, summary)]


async def test_a_decision_taken_on_what_one_has_not_seen_is_not_taken(world: PathwaysWorld) -> None:
    """Who agrees to a revision while it is declined elsewhere reads of the refusal instead; the plan that runs is the agreed one."""
    pathway = await with_plan(world, new_id())
    await world.tell(pathway, "plan-proposals", proposal(wants_tutor=False))
    seen = len(await world.store.load(f"pathway-{pathway}"))
    await world.tell(pathway, "plan-refusals", {"plan_version": 2, "reason": "ci ha ripensato"})
    agreed = await world.post(f"/pathways/{pathway}/plan-agreements", AGREEMENT | {"plan_version": 2}, version=seen, sub=SECOND)
    assert agreed.status == 412
    assert [event["type"] for event in agreed.content["unseen"]] == ["pathways.plan_declined"]
    plan = (await world.get(f"/pathways/{pathway}")).content["plan"]
    assert plan.items() >= {"status": "declined", "version": 2, "running_version": 1, "wants_tutor": True}.items()
