"""How planned commands are sent: repeated with the same key where that helps, given up with words that hold no personal value."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from services.cli.caseload import DemonstrationError, Summary, kept_progress, run_demonstration
from services.cli.caseload.kept_progress import KeptProgress, UnreadableProgress
from services.cli.caseload.planned import LeftOpen, PlannedCommand
from services.cli.caseload.planning import plan
from services.cli.caseload.script import END
from services.cli.caseload.sending import Sender

COMMAND = PlannedCommand(
    moment=datetime(2020, 6, 8, 9, 30, tzinfo=UTC),
    service="intake",
    path="/beneficiaries/0b8f7a5e-1111-4222-8333-444455556666/notes",
    body=b'{"text":"Parole riservate"}',
    login="case-worker.ciac",
    stream="person-0b8f7a5e-1111-4222-8333-444455556666",
    creates=False,
    lane=1,
    key="demonstration-1-1-7",
)
RECEIPT = {"stream": COMMAND.stream, "version": 5, "events": [], "related": [{"stream": "tutor-x", "version": 9, "events": []}]}


def taken() -> httpx.Response:
    return httpx.Response(200, json=RECEIPT)


def problem(status: int, code: str, **members: object) -> httpx.Response:
    return httpx.Response(status, json={"type": f"urn:ancora:problem:{code}", "detail": "Parole riservate", **members})


class Answers:
    """A service that answers as it is told, in turn, and keeps what it was asked."""

    def __init__(self, *answers: Callable[[], httpx.Response]) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer with the next one."""
        self.asked.append(request)
        return self._answers.pop(0)()


def token(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "a-token"})


def token_of(subject: str) -> str:
    """Return a token whose subject can be read, and that nobody signed."""
    return ".".join(("e30", urlsafe_b64encode(json.dumps({"sub": subject}).encode()).decode().rstrip("="), ""))


def sender_to(service: Callable[[httpx.Request], httpx.Response], versions: dict[str, int] | None = None) -> Sender:
    client = httpx.AsyncClient(transport=httpx.MockTransport(service), base_url="http://intake.test")
    issuer = httpx.AsyncClient(transport=httpx.MockTransport(token), base_url="http://issuer.test")
    return Sender({"intake": client}, issuer, versions if versions is not None else {})


async def test_a_colleague_is_named_by_the_pseudonym_that_the_issuer_gives_them() -> None:
    """A team's member is whoever signs in with that pseudonym, not with that login."""
    asked = Answers(taken)

    def issuer(request: httpx.Request) -> httpx.Response:
        login = dict(parse_qsl(request.content.decode()))["client_id"]
        return httpx.Response(200, json={"access_token": token_of(f"pseudonym-of-{login}")})

    sender = Sender(
        {"intake": httpx.AsyncClient(transport=httpx.MockTransport(asked), base_url="http://intake.test")},
        httpx.AsyncClient(transport=httpx.MockTransport(issuer), base_url="http://issuer.test"),
        {},
    )
    await sender.send(replace(COMMAND, body=b'{"since":"2020-06-01"}', left_open=LeftOpen(named={"member": "case-worker.less"})))
    assert json.loads(asked.asked[0].content) == {"since": "2020-06-01", "member": "pseudonym-of-case-worker.less"}


async def test_a_command_carries_its_moment_its_key_and_the_version_last_seen() -> None:
    service = Answers(taken)
    versions = {COMMAND.stream: 4}
    await sender_to(service, versions).send(COMMAND)
    headers = service.asked[0].headers
    assert headers["ancora-demonstration-clock"] == "2020-06-08T09:30:00Z"
    assert headers["idempotency-key"] == COMMAND.key
    assert headers["if-match"] == '"4"'
    assert headers["authorization"] == "Bearer a-token"
    assert versions == {COMMAND.stream: 5, "tutor-x": 9}


async def test_a_stale_version_is_replaced_and_the_command_repeated_under_its_key() -> None:
    service = Answers(lambda: problem(412, "stale-version", current_version=6), taken)
    await sender_to(service, {COMMAND.stream: 4}).send(COMMAND)
    assert [request.headers["if-match"] for request in service.asked] == ['"4"', '"6"']
    assert len({request.headers["idempotency-key"] for request in service.asked}) == 1


def cut_off() -> httpx.Response:
    raise httpx.ReadError("the connection was cut off")


@pytest.mark.parametrize(
    "first",
    [
        lambda: problem(404, "unknown"),
        lambda: problem(409, "tutor-at-capacity"),
        lambda: problem(503, "unavailable"),
        lambda: problem(401, "unauthenticated"),
        cut_off,
    ],
)
async def test_what_passes_by_itself_is_waited_for(first: Callable[[], httpx.Response]) -> None:
    service = Answers(first, taken)
    await sender_to(service).send(COMMAND)
    assert len(service.asked) == 2


@pytest.mark.parametrize(("status", "code"), [(409, "already-enrolled"), (422, "validation"), (403, "forbidden")])
async def test_any_other_refusal_ends_the_run_and_names_the_command_but_no_value(status: int, code: str) -> None:
    with pytest.raises(DemonstrationError) as raised:
        await sender_to(Answers(lambda: problem(status, code))).send(COMMAND)
    text = str(raised.value)
    assert f"{status} {code}" in text
    assert "intake beneficiaries/notes" in text
    assert "riservate" not in text
    assert "0b8f7a5e" not in text


async def test_a_key_that_another_caseload_used_says_how_to_begin_afresh() -> None:
    with pytest.raises(DemonstrationError, match="--reset"):
        await sender_to(Answers(lambda: problem(422, "idempotency-key-reused"))).send(COMMAND)


def test_progress_is_found_again(tmp_path: Path) -> None:
    kept_progress.save(tmp_path, KeptProgress("plan", "2021-03-04", {"person-1": 3}))
    assert kept_progress.load(tmp_path) == KeptProgress("plan", "2021-03-04", {"person-1": 3})
    assert kept_progress.load(tmp_path / "nothing") is None


DAMAGED = [
    "",
    "{",
    "[]",
    "{}",
    '{"format":1}',
    '{"format":2,"fingerprint":"plan"}',
    '{"format":1,"fingerprint":"plan","done_until":"soon"}',
]


@pytest.mark.parametrize("text", [*DAMAGED, "\udcff"])
def test_a_damaged_progress_file_is_told_from_a_sound_one(tmp_path: Path, text: str) -> None:
    kept_progress.save(tmp_path, KeptProgress("plan"))
    next(tmp_path.iterdir()).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UnreadableProgress):
        kept_progress.load(tmp_path)


async def run_in(folder: Path) -> Summary:
    """Run where nobody listens: what is sent at all fails."""
    nobody = "http://127.0.0.1:9"
    return await run_demonstration(
        intake_url=nobody, pathways_url=nobody, tutors_url=nobody, issuer_url=nobody,
        seed=1, persons=1, progress=lambda _done, _total: None, state_folder=folder,
    )  # fmt: skip


async def test_a_finished_caseload_is_recognised_and_nothing_is_sent(tmp_path: Path) -> None:
    kept_progress.save(tmp_path, KeptProgress(plan(1, 1).fingerprint(), END.isoformat()))
    summary = await run_in(tmp_path)
    assert summary.sent == 0
    assert "already" in summary.text()


async def test_where_another_caseload_was_begun_nothing_is_sent_and_the_way_out_is_told(tmp_path: Path) -> None:
    kept_progress.save(tmp_path, KeptProgress("another plan", "2020-06-08"))
    summary = await run_in(tmp_path)
    assert summary.sent == 0
    assert "--reset" in summary.text()


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    kept_progress.save(tmp_path, KeptProgress("plan"))
    next(tmp_path.iterdir()).write_text("{")
    return tmp_path


async def test_after_a_damaged_file_everything_is_sent_again(damaged: Path) -> None:
    with pytest.raises(DemonstrationError, match="token"):
        await run_in(damaged)


def test_the_file_holds_no_body_of_any_command(tmp_path: Path) -> None:
    kept_progress.save(tmp_path, KeptProgress("plan", "2021-03-04", {"person-1": 3}))
    kept = json.loads(next(tmp_path.iterdir()).read_text())
    assert set(kept) == {"format", "fingerprint", "done_until", "versions"}
