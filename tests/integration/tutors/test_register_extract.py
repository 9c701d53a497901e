"""Extracts of the statutory register over HTTP: what stands in them, that they do not change afterwards, and how they are proved."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.personal import DataClass
from services._runtime.ids import new_id

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


async def extract(api: Api, *, on: int = 0, position: int | None = None) -> dict[str, Any]:
    """Return the extract of a day."""
    answer = await api.get(f"/register-extract?on={api.day(on)}" + ("" if position is None else f"&position={position}"))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def text(api: Api, at: dict[str, Any], what: str = "register-extract") -> str:
    """Return an extract made again, as it is sent."""
    answer = await api.get(f"/{what}?on={at['on']}&position={at['position']}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def register(api: Api) -> tuple[str, int]:
    """Have a citizen who is approved and insured, and after them a group with a volunteer; return the citizen."""
    path, version = await api.approved()
    group = await api.registered(kind="group", name="Gruppo di Prova", volunteers=["Prova Prima"])
    await api.done(f"{group}/volunteers", {"volunteer_id": str(new_id()), "name": "Prova Occasionale", "section": "occasional"}, 1)
    await api.project()
    return path, version


async def test_entries_stand_in_the_order_of_entry_with_their_days_and_the_occasional_apart(api: Api) -> None:
    path, version = await register(api)
    told = await extract(api)
    assert [(one["number"], one["name"], one["kind"]) for one in told["ordinary"]] == [
        (1, "Prova Esempio", "citizen"),
        (2, "Gruppo di Prova", "group"),
    ]
    assert [(one["number"], one["name"], one["entered_on"]) for one in told["occasional"]] == [(3, "Prova Occasionale", api.day(0))]
    citizen = told["ordinary"][0]
    assert [(one["valid_from"], one["valid_until"], one["kept_by"]) for one in citizen["insurances"]] == [
        (api.day(-365), api.day(365), "ciac")
    ]
    assert (citizen["entered_on"], citizen["left_on"], citizen["erased"]) == (api.day(0), None, False)
    await api.done(f"{path}/retirement", {"reason": "moved"}, version)
    await api.project()
    assert (await extract(api))["ordinary"][0]["left_on"] == api.day(0)
    assert (await extract(api, on=-1))["ordinary"] == []


async def test_an_extract_does_not_change_afterwards(api: Api) -> None:
    """I5: the same day and position are the same bytes, whatever is recorded later; as JSON and as the page."""
    path, version = await register(api)
    told = await extract(api)
    before = await text(api, told), await text(api, told, "register-extract/page")
    assert json.loads(before[0]) == told

    version = await api.done(f"{path}/insurances", {"valid_from": api.day(366), "valid_until": api.day(700)}, version)
    version = await api.done(f"{path}/register-section", {"section": "occasional"}, version)
    await api.done(f"{path}/retirement", {"reason": "moved"}, version)
    await api.registered(name="Prova Successiva")
    await api.project()
    now = await extract(api)
    assert now["digest"] != told["digest"]
    assert [one["name"] for one in now["occasional"]] == ["Prova Esempio", "Prova Occasionale"]
    assert (await text(api, told), await text(api, told, "register-extract/page")) == before


async def test_the_digest_proves_an_extract_and_depends_on_everything_in_it(api: Api) -> None:
    """As whoever was given one computes it, by the words of the page; one entry less, or another day, is another digest."""
    await register(api)
    told = await extract(api)
    assert _proved(told) == told["digest"]
    assert _proved({**told, "on": "2020-01-01"}) != told["digest"]
    assert _proved({**told, "ordinary": told["ordinary"][1:]}) != told["digest"]
    fed = await api.store.feed(after=told["feed_position"] - 1, limit=1)
    assert told["chain"] == fed[0].chain.hex()
    digests = {event.recorded.digest.hex() for event in await api.store.feed(after=0, limit=100)}
    assert {one for entry in told["ordinary"] for one in entry["events"]} <= digests


async def test_whoever_is_erased_stays_an_entry_and_every_proof_still_holds(api: Api) -> None:
    """I7: no name is told any more, the entry with its days is, and the digest is the one that was printed."""
    path, _ = await register(api)
    told = await extract(api)
    await api.commands.destruction.destroy(UUID(path.rpartition("/")[2]))
    again = json.loads(await text(api, told))
    erased = again["ordinary"][0]
    assert (erased["erased"], erased["name"], erased["entered_on"]) == (True, None, api.day(0))
    assert again["digest"] == told["digest"] == _proved(again)
    page = await text(api, told, "register-extract/page")
    assert "Prova Esempio" not in page
    assert "Dati cancellati" in page


async def test_a_day_is_told_as_one(api: Api) -> None:
    """A number is none, although one could be read as seconds since 1970."""
    await register(api)
    for what in ("register-extract", "register-extract/page"):
        refused = await api.get(f"/{what}?on=0")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "query.on")


async def test_an_extract_speaks_up_to_a_position_that_is_there(api: Api) -> None:
    assert (await api.get(f"/register-extract?on={api.day(0)}")).status_code == 404
    await register(api)
    position = (await extract(api))["position"]
    for asked in (position + 1, 2**40):
        assert (await api.get(f"/register-extract?on={api.day(0)}&position={asked}")).status_code == 404
    assert (await extract(api, position=1))["ordinary"][0]["insurances"] == []
    assert (await api.get("/register-extract?on=oggi")).status_code == 422


async def test_an_extract_is_ones_own_organisations_and_is_recorded_as_a_read(api: Api) -> None:
    """I8, I9: another organisation's extract holds none of ours; every extract is one record that names whose data it told."""
    path, _ = await register(api)
    position = (await extract(api))["position"]
    theirs = await api.get(f"/register-extract?on={api.day(0)}&position={position}", ancora_org="another")
    assert (theirs.json()["ordinary"], theirs.json()["occasional"]) == ([], [])
    assert (await api.get(f"/register-extract?on={api.day(0)}", ancora_role="case-worker")).status_code == 403
    records = [record for _, record in await api.reads.recorded()]
    assert [record.status for record in records[-3:]] == [200, 200, 403]
    assert path.rpartition("/")[2] in {str(subject) for subject in records[-3].subjects}
    assert records[-3].classes == (DataClass.IDENTITY,)
    assert records[-2].subjects == ()


async def test_the_page_is_one_that_can_be_kept_and_lets_nothing_in(api: Api) -> None:
    """It holds its style, whose hash is all that its policy permits; it has headings, captions and scopes, in two languages."""
    await register(api)
    told = await extract(api)
    answer = await api.get(f"/register-extract/page?on={told['on']}")
    policy = answer.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"<script|<link|<img|<iframe|style=|href=|src=|@import|url\(", answer.text)
    assert answer.text.count("<caption>") == answer.text.count("<table>") == 2
    assert '<html lang="it">' in answer.text
    assert '<span lang="en">Register of volunteers</span>' in answer.text
    assert told["digest"] in answer.text
    assert "@media print" in style


async def test_a_name_is_no_markup(api: Api) -> None:
    await api.registered(name="<script>alert(1)</script>")
    await api.project()
    page = (await api.get(f"/register-extract/page?on={api.day(0)}")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def _proved(told: dict[str, Any]) -> str:
    kept = json.loads(json.dumps(told))
    del kept["digest"]
    for entry in kept["ordinary"] + kept["occasional"]:
        for name in ("name", "birth_date", "volunteers", "erased"):
            del entry[name]
    return sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
