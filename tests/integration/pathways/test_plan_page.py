"""The plan on paper: over HTTP as everybody who may print it, and in a real Chromium, from right to left and from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from services._runtime.web.disclosing import WITHHELD
from tests.integration.pathways.test_http_in import SECOND, proposal, with_baseline
from tests.support.browser import browser, visit

if TYPE_CHECKING:
    from uuid import UUID

    import httpx
    from playwright.async_api import Browser, Page, Route

    from tests.integration.pathways.world import PathwaysWorld

__all__ = ["browser"]

_WHERE = "https://plan.test/page"
KNEE = "curare il ginocchio"


async def planned(world: PathwaysWorld, language: str, **agreed: Any) -> UUID:  # noqa: ANN401 - any JSON value
    """Let a plan be proposed, with a goal in a sensitive area, and agreed where `agreed` says how."""
    pathway = await with_baseline(world, new_id())
    for area, words in (("work", "un lavoro"), ("health", KNEE)):
        goal = str(new_id())
        await world.tell(pathway, "goals", {"goal_id": goal, "area": area, "description": words})
        step = {"action_id": str(new_id()), "goal_id": goal, "responsible": "team", "description": "primo passo", "due_on": "2021-05-01"}
        await world.tell(pathway, "actions", step)
    await world.tell(pathway, "plan-proposals", proposal(language=language))
    if agreed:
        body = {"plan_version": 1, "language": language, "reads_language": False, "occurred_on": "2021-03-10", **agreed}
        await world.tell(pathway, "plan-agreements", body, sub=SECOND)
    return pathway


async def printed(world: PathwaysWorld, pathway: UUID, query: str = "", **claims: object) -> httpx.Response:
    """Ask for the page."""
    headers = {"Authorization": f"Bearer {world.issuer.token(**claims)}"}
    return await world.client.get(f"/pathways/{pathway}/plan-page{query}", headers=headers)


async def test_a_plan_is_printed_in_the_persons_language_and_in_italian_and_matched_with_its_event(world: PathwaysWorld) -> None:
    """The digest on the paper is that of the event that proposed it; the mediator stands on it with the language."""
    pathway = await planned(world, "ti", mediator="Selam Tesfay")
    answer = await printed(world, pathway)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    stored = await world.store.load(f"pathway-{pathway}")
    (proposed,) = (one for one in stored if one.recorded.envelope.type == "pathways.plan_proposed")
    assert proposed.recorded.digest.hex() in answer.text
    for expected in ("ውልቃዊ መደብ ምውህሃድ", "Piano individuale di inserimento", "Selam Tesfay", "ትግርኛ", "tigrino", KNEE, SECOND, "10/03/2021"):
        assert expected in answer.text, expected
    assert "non è ancora confermata" in answer.text
    assert "qui nulla è firmato elettronicamente" in answer.text


async def test_a_mediator_prints_what_they_are_told_and_has_no_place_to_sign(world: PathwaysWorld) -> None:
    """I8: a goal in a sensitive area stays shut, the header names its class, and the page says that it is not whole."""
    pathway = await planned(world, "fr")
    answer = await printed(world, pathway, ancora_role="cultural-mediator")
    assert (answer.status_code, answer.headers[WITHHELD]) == (200, "health")
    assert "un lavoro" in answer.text
    assert KNEE not in answer.text
    assert "non si firma" in answer.text
    assert "signatures" not in answer.text.split("</style>")[1]


async def test_every_version_is_read_with_what_it_changes_and_health_stays_shut_to_a_mediator(world: PathwaysWorld) -> None:
    """I8: as on paper; another organisation's pathway is as if it were not there."""
    pathway = await planned(world, "fr", mediator="Selam Tesfay")
    choir = {"goal_id": str(new_id()), "area": "leisure", "description": "il coro"}
    await world.tell(pathway, "goals", choir)
    await world.tell(pathway, "plan-proposals", proposal(language="fr"))
    path = f"/pathways/{pathway}/plan-versions"
    first, second = (await world.get(path)).content["items"]
    assert [(one["version"], one["standing"], one["answered_on"]) for one in (first, second)] == [
        (1, "agreed", "2021-03-10"),
        (2, "proposed", None),
    ]
    assert [goal["description"] for goal in first["goals"]] == ["un lavoro", KNEE]
    assert first["changes"] is None
    assert (second["changes"]["since"], second["changes"]["summary"]) == (1, False)
    assert [goal["goal_id"] for goal in second["changes"]["goals_added"]] == [choir["goal_id"]]
    mediated = await world.get(path, ancora_role="cultural-mediator")
    assert mediated.headers[WITHHELD] == "health"
    assert KNEE not in str(mediated.content)
    assert (await world.get(path, ancora_org="another")).status == 404
    assert (await world.get(f"/pathways/{new_id()}/plan-versions")).status == 404


async def test_what_cannot_be_printed_is_refused_in_words(world: PathwaysWorld) -> None:
    """No plan, no such version, another's pathway."""
    pathway = await with_baseline(world, new_id())
    without = await printed(world, pathway)
    assert (without.status_code, without.json()["type"]) == (404, "urn:ancora:problem:no-plan-to-print")
    await world.tell(pathway, "plan-proposals", proposal())
    assert (await printed(world, pathway, "?plan-version=1")).status_code == 200
    assert (await printed(world, pathway, "?plan-version=2")).status_code == 404
    assert (await printed(world, pathway, ancora_org="another")).status_code == 404


@pytest.mark.parametrize(("language", "direction", "begins"), [("ar", "rtl", "right"), ("ti", "ltr", "left"), ("ur", "rtl", "right")])
async def test_a_page_reads_its_way_under_its_policy_and_prints(
    world: PathwaysWorld, browser: Browser, language: str, direction: str, begins: str
) -> None:
    """Titles and table columns begin on the language's side; days and codes keep their order; nothing is loaded or complained of."""
    answer = await printed(world, await planned(world, language, mediator="Selam Tesfay"))

    async def fulfil(route: Route) -> None:
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    async with visit(browser, _WHERE, locale="it-IT") as there:
        await there.page.route("**/*", fulfil)
        await there.page.goto(_WHERE)
        root = there.page.locator("html")
        assert (await root.get_attribute("lang"), await root.get_attribute("dir")) == (language, direction)
        assert await root.evaluate("page => getComputedStyle(page).direction") == direction
        assert await _side(there.page, "h1 .own") == begins
        first, second = [await cell.bounding_box() for cell in await there.page.locator("thead th").all()][:2]
        assert first
        assert second
        assert (first["x"] > second["x"]) == (direction == "rtl")
        day = there.page.locator("time bdi").first
        assert await day.evaluate("each => [getComputedStyle(each).direction, getComputedStyle(each).unicodeBidi]") == ["ltr", "isolate"]
        assert await there.page.locator(".it").first.get_attribute("lang") == "it"
        assert (await there.page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
        assert there.complaints == []


async def _side(page: Page, selector: str) -> str:
    """Return on which side of its box a text stands."""
    side: str = await page.locator(selector).evaluate(
        """each => {
            const text = document.createRange(); text.selectNodeContents(each);
            const box = each.getBoundingClientRect(), ink = text.getBoundingClientRect();
            return Math.abs(box.right - ink.right) < Math.abs(box.left - ink.left) ? "right" : "left";
        }"""
    )
    return side
