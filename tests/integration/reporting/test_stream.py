"""The stream: ids are positions, a reader that comes back gets what changed since, and a stopping server waits for nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client import Gauge

from services._runtime.store.waking import POLL
from services.reporting.adapters import stream_out
from services.reporting.adapters.stream_out import PACE
from tests.support.reporting import Reporting
from tests.support.reporting_examples import admitted, enrolled
from tests.support.serving import served


@pytest.fixture
async def reporting() -> Reporting:
    """Give reporting with two events in its journal."""
    made = Reporting()
    await made.append([enrolled(1), admitted(1)])
    return made


@asynccontextmanager
async def reading(reporting: Reporting, url: str, **headers: str) -> AsyncIterator[AsyncIterator[tuple[str, int, Any]]]:
    """Give the events of a stream as (type, id, data)."""

    async def events(answer: httpx.Response) -> AsyncIterator[tuple[str, int, Any]]:
        found: dict[str, str] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
            elif found:
                yield found["event"], int(found["id"]), json.loads(found["data"])
                found = {}

    authorised = {"Authorization": f"Bearer {reporting.issuer.token()}", **headers}
    async with httpx.AsyncClient(headers=authorised, timeout=10) as client, client.stream("GET", url) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


async def test_a_new_reader_gets_the_figures_and_then_what_changes(reporting: Reporting) -> None:
    async with served(lambda _url: reporting.application()) as url, reading(reporting, f"{url}/stream") as events:
        name, position, data = await anext(events)
        assert (name, position, data["targets"][0]["counted"]) == ("figures", 2, 1)
        await reporting.append([enrolled(2)])
        assert await anext(events) == ("activity", 3, {"as_of_position": 3})
        await reporting.append([admitted(2), admitted(3)])
        name, position, data = await anext(events)
        assert (name, position, data["targets"][0]["counted"]) == ("figures", 5, 3)
        reporting.closing.set()


async def test_a_reader_that_comes_back_gets_what_changed_since_and_nothing_twice(reporting: Reporting) -> None:
    async with served(lambda _url: reporting.application()) as url:
        await reporting.append([admitted(2)])
        await reporting.append([enrolled(3)])
        async with reading(reporting, f"{url}/stream", **{"Last-Event-ID": "2"}) as events:
            assert (await anext(events))[:2] == ("figures", 4)
        async with reading(reporting, f"{url}/stream", **{"Last-Event-ID": "3"}) as events:
            assert (await anext(events))[:2] == ("activity", 4), "the count has not changed since position 3"
        async with reading(reporting, f"{url}/stream?after=1", **{"Last-Event-ID": "4"}) as events:
            await reporting.append([enrolled(4)])
            assert (await anext(events))[:2] == ("activity", 5), "the header says more than the page's own position"
        async with reading(reporting, f"{url}/stream", **{"Last-Event-ID": "900"}) as events:
            assert (await anext(events))[:2] == ("figures", 5), "a position of another journal: everything again"
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {reporting.issuer.token()}"}) as client:
            assert (await client.get(f"{url}/stream", headers={"Last-Event-ID": "x"})).status_code == 422


async def test_a_change_is_told_long_before_the_next_look_and_changes_in_between_together(reporting: Reporting) -> None:
    """Readers are woken by what the read models commit; `pace` says how often at most."""
    async with served(lambda _url: reporting.application()) as url:
        async with reading(reporting, f"{url}/stream") as events:
            await anext(events)
            await asyncio.sleep(2 * PACE)
            async with asyncio.timeout(POLL / 2):
                await reporting.append([enrolled(2)])
                assert (await anext(events))[:2] == ("activity", 3)
        async with reading(reporting, f"{url}/stream?after=3&pace=2") as events:
            for number in range(3, 7):
                await reporting.append([enrolled(number)])
                if number == 3:
                    assert (await anext(events))[1] == 4
            assert (await anext(events))[1] == 7
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {reporting.issuer.token()}"}) as client:
            assert (await client.get(f"{url}/stream?pace=0")).status_code == 422


async def test_streams_end_when_the_service_closes(reporting: Reporting) -> None:
    async with served(lambda _url: reporting.application()) as url, reading(reporting, f"{url}/stream") as events:
        await anext(events)
        asyncio.get_running_loop().call_later(0.2, reporting.closing.set)
        async with asyncio.timeout(3):
            assert [event async for event in events] == []


async def test_readers_are_counted_while_they_are_connected(reporting: Reporting) -> None:
    clients = reporting.observer.metrics.http.stream_clients
    async with served(lambda _url: reporting.application()) as url:
        async with reading(reporting, f"{url}/stream") as events, reading(reporting, f"{url}/stream") as others:
            await anext(events)
            await anext(others)
            assert _value(clients) == 2
        reporting.closing.set()
        async with asyncio.timeout(5):
            while _value(clients):  # noqa: ASYNC110 - a gauge sets no event
                await asyncio.sleep(0.01)


async def test_one_caller_keeps_nobody_out_by_streams(reporting: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are everybody's: who has too many streams open is refused another, and has one again when one has ended."""
    monkeypatch.setattr(stream_out, "STREAMS", 1)
    async with served(lambda _url: reporting.application()) as url, httpx.AsyncClient() as client:

        async def asked(**claims: object) -> int:
            headers = {"Authorization": f"Bearer {reporting.issuer.token(**claims)}"}
            async with client.stream("GET", f"{url}/stream", headers=headers) as answer:
                return answer.status_code

        async with reading(reporting, f"{url}/stream") as events:
            await anext(events)
            assert (await asked(), await asked(sub="worker-2")) == (429, 200)
        async with asyncio.timeout(5):
            while await asked() != 200:  # noqa: ASYNC110 - that a reader has gone is seen when it is written to
                await asyncio.sleep(0.05)
        reporting.closing.set()


def _value(gauge: Gauge) -> float:
    ((sample, *_),) = (metric.samples for metric in gauge.collect())
    return sample.value
