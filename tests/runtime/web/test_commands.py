"""Commands over HTTP: receipts, versions, idempotency keys, and what is stored of a bad one: nothing."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.envelope import ClockKind, Precision
from services._runtime.clock import SimulatedClock, SystemClock, day_of
from services._runtime.decider import Context
from services._runtime.handling import Commands, Step
from services._runtime.ids import new_id
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.port import ConcurrencyError, Request
from services._runtime.store.recording import Recorder
from tests.runtime.web.records import MOMENT, RECORD, AlreadyThere, Open, Setup, problem, running

if TYPE_CHECKING:
    from services._runtime.handling import Receipt
    from services._runtime.store.port import StreamEvent


async def test_a_creating_command_answers_201_with_the_digests_of_its_events(setup: Setup) -> None:
    """The answer is a receipt: by the digest the event can be proved later."""
    record = new_id()
    answer = await setup.client.post(f"/records/{record}", json={}, headers=setup.headers())
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    [stored] = await setup.store.load(f"person-{record}")
    envelope = stored.recorded.envelope
    assert answer.json() == {
        "stream": f"person-{record}",
        "version": 1,
        "related": [],
        "events": [
            {
                "id": str(envelope.event_id),
                "type": "intake.notice_given",
                "version": 1,
                "recorded_at": envelope.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "digest": stored.recorded.digest.hex(),
            }
        ],
    }


async def test_who_and_when_come_from_the_token_and_the_clock(setup: Setup) -> None:
    """Nothing of it comes from the body but the day of the fact."""
    record = await setup.record()
    body = {"text": "hello", "occurred_on": "2021-02-01", "precision": "month"}
    headers = setup.headers(version=1, sub="worker-7", ancora_purpose="housing") | {"X-Correlation-Id": str(trace := new_id())}
    answer = await setup.client.post(f"{record}/notes", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    envelope = (await setup.store.load(answer.json()["stream"]))[-1].recorded.envelope
    assert (envelope.actor, envelope.actor_organisation, envelope.purpose) == ("worker-7", "ciac", "housing")
    assert (envelope.occurred_on, envelope.precision) == (date(2021, 2, 1), Precision.MONTH)
    assert (envelope.correlation, envelope.clock) == (trace, ClockKind.SYSTEM)


async def test_without_a_day_the_fact_happened_today_in_rome(setup: Setup) -> None:
    """Not in UTC: shortly after midnight these are two days."""
    record = new_id()
    await setup.client.post(f"/records/{record}", json={}, headers=setup.headers())
    [stored] = await setup.store.load(f"person-{record}")
    assert stored.recorded.envelope.occurred_on == day_of(stored.recorded.envelope.recorded_at)


async def test_a_repeated_key_with_the_same_body_gets_the_same_answer_and_stores_nothing_more(setup: Setup) -> None:
    """I4: spacing and order of members do not make another body."""
    record = await setup.record()
    headers = setup.headers(version=1, key="note-1")
    first = await setup.client.post(f"{record}/notes", json={"text": "a", "weight": 2}, headers=headers)
    later = await setup.client.post(f"{record}/notes", json={"text": "b"}, headers=setup.headers(version=2))
    again = await setup.client.post(
        f"{record}/notes", content=b'{ "weight": 2, "text": "a" }', headers=headers | {"Content-Type": "application/json"}
    )
    assert (first.status_code, later.status_code, again.status_code) == (200, 200, 200)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert await setup.stored() == 3


@pytest.mark.parametrize("apart", [timedelta(seconds=-6), timedelta(seconds=6)])
async def test_a_command_that_waited_too_long_is_told_to_come_again_and_the_same_key_then_works(apart: timedelta) -> None:
    """Overloaded, paused, or on a machine whose clock is wrong: nothing is stored, and it is not the caller's fault."""
    clock = SimulatedClock(SystemClock().now() + apart)
    async with running(demonstration=False, clock=clock) as setup:
        address, headers = f"/records/{new_id()}", setup.headers()
        answer = await setup.client.post(address, json={}, headers=headers)
        problem(answer, 503, "too-late")
        assert int(answer.headers["retry-after"]) > 0
        assert await setup.stored() == 0
        clock.move_to(SystemClock().now())
        again = await setup.client.post(address, json={}, headers=headers)
        assert again.status_code == 201, again.text
        assert await setup.stored() == 1


async def test_a_repeated_key_with_another_body_is_refused(setup: Setup) -> None:
    """A key stands for one request."""
    record = await setup.record()
    headers = setup.headers(version=1, key="note-1")
    await setup.client.post(f"{record}/notes", json={"text": "a"}, headers=headers)
    problem(await setup.client.post(f"{record}/notes", json={"text": "b"}, headers=headers), 422, "idempotency-key-reused")
    assert await setup.stored() == 2


async def test_the_same_key_of_another_client_is_another_request(setup: Setup) -> None:
    """Keys are each client's own."""
    first = await setup.client.post(f"/records/{new_id()}", json={}, headers=setup.headers(key="one"))
    second = await setup.client.post(f"/records/{new_id()}", json={}, headers=setup.headers(key="one", sub="worker-2"))
    assert (first.status_code, second.status_code) == (201, 201)


async def test_twenty_repeats_at_once_store_one_event(setup: Setup) -> None:
    """I4: also where they race."""
    record, headers = new_id(), setup.headers(key="opening")
    answers = await asyncio.gather(*(setup.client.post(f"/records/{record}", json={}, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await setup.stored() == 1


async def test_a_repeat_of_which_other_steps_would_follow_now_gets_the_first_outcome(setup: Setup) -> None:
    """I4: what a command entails may depend on what was recorded since; what it did is told all the same, and nothing else."""
    commands = Commands(setup.store, Recorder(MemoryKeyring()))
    own, one, another = (Step(RECORD, record, Open(record, "ciac"), 0) for record in (new_id(), new_id(), new_id()))
    request = Request("worker-1", "opening", b"the same body")
    first = await commands.execute(own, one, context=_context(), request=request)
    for steps in ((own, another), (own,), (own, one, another)):
        again = await commands.execute(*steps, context=_context(), request=request)
        assert [(told.stream_id, told.version) for told in again.outcomes] == [(told.stream_id, told.version) for told in first.outcomes]
    assert await setup.stored() == 2


@pytest.mark.parametrize("expected_version", [None, 0], ids=["refused by the decider", "stale"])
async def test_a_repeat_during_which_its_first_sending_is_stored_gets_that_ones_answer(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, expected_version: int | None
) -> None:
    """I4: what the first sending did is no reason to refuse the second; a client that lost the first answer would take it for a failure."""
    commands, record = Commands(setup.store, Recorder(MemoryKeyring())), new_id()
    step, request = Step(RECORD, record, Open(record, "ciac"), expected_version), Request("worker-1", "opening", b"the same body")
    receipts: list[Receipt] = []
    load = setup.store.load

    async def late(stream_id: str, *, after: int = 0) -> list[StreamEvent]:
        monkeypatch.setattr(setup.store, "load", load)
        receipts.append(await commands.execute(step, context=_context(), request=request))
        return await load(stream_id, after=after)

    monkeypatch.setattr(setup.store, "load", late)
    second = await commands.execute(step, context=_context(), request=request)
    assert (second.replayed, [o.version for o in second.outcomes]) == (True, [o.version for o in receipts[0].outcomes])
    assert await setup.stored() == 1
    other = Request("worker-1", "another", b"the same body")
    with pytest.raises((AlreadyThere, ConcurrencyError)):
        await commands.execute(step, context=_context(), request=other)


def _context() -> Context:
    return Context(
        actor="worker-1",
        organisation="ciac",
        role="case-worker",
        purpose="care",
        correlation=new_id(),
        now=SystemClock().now(),
        occurred_on=day_of(SystemClock().now()),
    )


async def test_a_missing_or_malformed_idempotency_key_is_a_400(setup: Setup) -> None:
    """One to 255 visible ASCII characters."""
    for key in (None, "", "with space", "x" * 256, "caffè".encode()):
        headers: dict[str, str | bytes] = {**setup.headers()}
        if key is None:
            del headers["Idempotency-Key"]
        else:
            headers["Idempotency-Key"] = key
        encoded = [(name.encode(), text.encode() if isinstance(text, str) else text) for name, text in headers.items()]
        answer = await setup.client.post(f"/records/{new_id()}", json={}, headers=encoded)
        problem(answer, 400, "idempotency-key-missing")
    assert await setup.stored() == 0


async def test_a_missing_version_is_a_428_and_a_malformed_one_a_400(setup: Setup) -> None:
    """One strong ETag, no list, no star."""
    record = await setup.record()
    problem(await setup.client.post(f"{record}/notes", json={"text": "a"}, headers=setup.headers()), 428, "if-match-missing")
    for given in ("1", '"0"', 'W/"1"', '"1", "2"', "*", '"x"', ""):
        headers = setup.headers() | {"If-Match": given}
        problem(await setup.client.post(f"{record}/notes", json={"text": "a"}, headers=headers), 400, "header-malformed")
    assert await setup.stored() == 1


async def test_opening_a_record_that_exists_asks_for_its_version_and_then_lets_the_facts_speak(setup: Setup) -> None:
    """A caller who took it for new is told the version."""
    record = await setup.record()
    content = problem(await setup.client.post(record, json={}, headers=setup.headers()), 428, "if-match-missing")
    assert content["current_version"] == 1
    content = problem(await setup.client.post(record, json={}, headers=setup.headers(version=1)), 409, "already-there")
    assert "add a note" in str(content["detail"])
    assert await setup.stored() == 1


async def test_a_stale_version_is_a_412_that_says_what_changed(setup: Setup) -> None:
    """Types, versions and moments; nothing of the contents."""
    record = await setup.record()
    await setup.client.post(f"{record}/notes", json={"text": "a"}, headers=setup.headers(version=1))
    answer = await setup.client.post(f"{record}/notes", json={"text": "b"}, headers=setup.headers(version=1))
    content = problem(answer, 412, "stale-version")
    assert (content["current_version"], answer.headers["etag"]) == (2, '"2"')
    [unseen] = content["unseen"] if isinstance(content["unseen"], list) else []
    assert (unseen["type"], unseen["version"]) == ("intake.note_added", 2)
    assert set(unseen) == {"type", "version", "recorded_at"}
    assert await setup.stored() == 2


async def test_a_command_to_an_unknown_record_is_a_404(setup: Setup) -> None:
    """A version of nothing is nothing. The answer says of which kind it would be; the id was sent, and does not come back."""
    unknown = str(new_id())
    answers = [
        await setup.client.post(f"/records/{unknown}/notes", json={"text": "a"}, headers=setup.headers(version=1)),
        await setup.client.get(f"/records/{unknown}", headers=setup.headers()),
    ]
    for answer in answers:
        problem(answer, 404, "unknown")
        assert unknown not in answer.text
    assert await setup.stored() == 0


async def test_a_command_that_contradicts_itself_is_a_422(setup: Setup) -> None:
    """Whatever the state is, so no 409."""
    record = await setup.record()
    answer = await setup.client.post(f"{record}/notes", json={"text": "impossible"}, headers=setup.headers(version=1))
    problem(answer, 422, "invalid")
    assert await setup.stored() == 1


async def test_a_future_day_is_refused(setup: Setup) -> None:
    """Facts have happened."""
    tomorrow = day_of(setup.clock.now()) + timedelta(days=1)
    answer = await setup.client.post(f"/records/{new_id()}", json={"occurred_on": str(tomorrow)}, headers=setup.headers())
    content = problem(answer, 422, "validation")
    assert content["errors"] == [{"field": "body.occurred_on", "expected": "a day that is not in the future"}]
    assert await setup.stored() == 0


async def test_a_record_of_another_organisation_is_closed_to_commands_and_reads(setup: Setup) -> None:
    """I8: whoever is outside the record's organisation gets nothing."""
    record = await setup.record()
    other = setup.headers(version=1, ancora_org="ics", sub="worker-9")
    problem(await setup.client.post(f"{record}/notes", json={"text": "a"}, headers=other), 404, "unknown")
    problem(await setup.client.get(record, headers=other), 404, "unknown")
    assert await setup.stored() == 1


async def test_a_read_carries_the_version_that_the_next_command_needs(setup: Setup) -> None:
    """Read, decide, command."""
    record = await setup.record()
    await setup.client.post(f"{record}/notes", json={"text": "ciao"}, headers=setup.headers(version=1))
    answer = await setup.client.get(record, headers=setup.headers())
    assert (answer.json(), answer.headers["etag"]) == ({"notes": ["ciao"]}, '"2"')
    problem(await setup.client.get(f"/records/{new_id()}", headers=setup.headers()), 404, "unknown")


async def test_the_demonstration_clock_dates_a_fact_where_it_is_allowed(setup: Setup) -> None:
    """And the event says so."""
    record = new_id()
    headers = setup.headers(ancora_clock="demonstration") | {"Ancora-Demonstration-Clock": "2021-03-05T09:30:00Z"}
    assert (await setup.client.post(f"/records/{record}", json={}, headers=headers)).status_code == 201
    [stored] = await setup.store.load(f"person-{record}")
    envelope = stored.recorded.envelope
    assert (envelope.recorded_at, envelope.occurred_on, envelope.clock) == (MOMENT, MOMENT.date(), ClockKind.DEMONSTRATION)


async def test_the_demonstration_clock_needs_its_token_its_permission_and_its_form(setup: Setup) -> None:
    """No caller may choose when it is."""
    moment = {"Ancora-Demonstration-Clock": "2021-03-05T09:30:00Z"}
    problem(await setup.client.post(f"/records/{new_id()}", json={}, headers=setup.headers() | moment), 403, "forbidden")
    for bad in ("yesterday", "2021-03-05", "2021-03-05T09:30:00", "9999-12-31T23:59:59Z", ""):
        headers = setup.headers(ancora_clock="demonstration") | {"Ancora-Demonstration-Clock": bad}
        problem(await setup.client.post(f"/records/{new_id()}", json={}, headers=headers), 400, "header-malformed")
    assert await setup.stored() == 0
    async with running(demonstration=False) as real:
        headers = real.headers(ancora_clock="demonstration") | moment
        problem(await real.client.post(f"/records/{new_id()}", json={}, headers=headers), 403, "forbidden")
        assert await real.stored() == 0
