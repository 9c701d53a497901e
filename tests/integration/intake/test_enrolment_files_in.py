"""Enrolling and updating many by one file, over HTTP: what would become of each row, what became of it, and the same file again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contracts.access_codes import ReadOutcome
from services._runtime.clock import SystemClock
from services._runtime.ids import new_id
from services._runtime.web.rates import Rates
from tests.integration.intake.test_http_in import enrolled
from tests.support.enrolment_files import SELAM, as_csv, as_workbook, person
from tests.support.intake_worlds import intake_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.intake_worlds import IntakeWorld

COORDINATOR: dict[str, Any] = {"sub": "coordinator-1", "ancora_role": "team-coordinator"}
THIRD: dict[str, Any] = COORDINATOR | {"sub": "coordinator-2", "ancora_org": "cidas"}
CSV = "text/csv"


async def sent(world: IntakeWorld, raw: bytes, *, key: str | None = None, media: str = CSV, **claims: object) -> tuple[int, dict[str, Any]]:
    """Send a file: to be carried out under a key, or without one to be looked at."""
    headers = {"Authorization": f"Bearer {world.issuer.token(**COORDINATOR | claims)}", "Content-Type": media}
    path = "/enrolment-file-previews" if key is None else "/enrolment-files"
    answer = await world.client.post(path, content=raw, headers=headers | ({} if key is None else {"Idempotency-Key": key}))
    return answer.status_code, answer.json()


async def told(world: IntakeWorld, rows: Sequence[Mapping[str, object]], key: str | None = None) -> list[dict[str, Any]]:
    """Send rows, and return what was answered of each."""
    status, content = await sent(world, as_csv(rows), key=key)
    assert status == 200, content
    items: list[dict[str, Any]] = content["items"]
    return items


async def both(world: IntakeWorld, row: Mapping[str, object]) -> dict[str, Any]:
    """Return what became of one row, which was previewed to become the same."""
    (would,), (did,) = await told(world, [row]), await told(world, [row], str(new_id()))
    assert [would[each] for each in ("outcome", "code", "detail", "columns")] == [
        did[each] for each in ("outcome", "code", "detail", "columns")
    ]
    return did


async def test_a_row_enrols_somebody_with_everything_that_it_says_in_one_append(world: IntakeWorld) -> None:
    """Notice, enrolment and what else the row says: all of it or nothing, and the receipt names each event."""
    row = {
        **SELAM,
        "languages": "ti, en",
        "phone": "+39 000 000000",
        "residence_municipality": "034027",
        "protection_status": "refugee",
        "protection_granted_on": "05/05/2020",
        "reception_exit_on": "2020-11-30",
        "document_kind": "residence-permit",
        "document_number": "A1",
        "document_expires_on": "2027-01-31",
    }
    (would,) = await told(world, [row])
    assert (would["outcome"], would["beneficiary_id"], len(would["facts"])) == ("enrolled", None, 6)
    (did,) = await told(world, [row], "run-1")
    assert (did["outcome"], did["version"], did["facts"]) == ("enrolled", 6, would["facts"])
    assert [event["type"] for event in did["events"]] == did["facts"]
    assert all(event["digest"] for event in did["events"])
    read = (await world.get(f"/beneficiaries/{did['beneficiary_id']}")).content
    assert read["status"] == "in-care"
    assert read["record"]["contact"] == {"languages": ["ti", "en"], "phone": "+39 000 000000", "email": None, "address": None}
    assert read["record"]["protection"]["granted_on"] == "2020-05-05"


async def test_an_empty_cell_leaves_what_is_recorded_and_the_same_again_changes_nothing(world: IntakeWorld) -> None:
    """Only what is new becomes an event: a column that is left empty takes nothing away."""
    person_id = await enrolled(world)
    row = {"row": "1", "beneficiary_id": str(person_id), "version": 2, "phone": "+39 111 111111", "given_names": "Selam"}
    did = await both(world, row)
    assert (did["outcome"], did["version"], did["facts"]) == ("updated", 3, ["intake.contact_changed"])
    contact = (await world.get(f"/beneficiaries/{person_id}")).content["record"]["contact"]
    assert (contact["phone"], contact["languages"]) == ("+39 111 111111", ["ti", "en"])
    assert (await both(world, row | {"version": 3}))["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("version", None, "validation"),
        ("version", 1, "stale-version"),
        ("family_name", "Altra", "not-by-file"),
        ("territory", "FE", "not-by-file"),
        ("tax_code", "RSSMRA80A01G337X", "invalid-tax-code"),
        ("email", "nobody", "validation"),
        ("occurred_on", "2099-01-01", "validation"),
        ("document_number", "A1", "columns-missing"),
        ("residence_address", "Via Prova 1", "columns-missing"),
    ],
)
async def test_a_row_that_cannot_be_is_refused_with_its_column(world: IntakeWorld, column: str, value: object, code: str) -> None:
    """Code, column and what to do; Primero: what was decided on an older version overwrites nothing. The other rows are carried out."""
    person_id = await enrolled(world)
    row = {"row": "1", "beneficiary_id": str(person_id), "version": 2, "phone": "+39 111 111111", column: value}
    did = await both(world, row)
    assert (did["outcome"], did["code"]) == ("refused", code)
    assert did["detail"]
    wrong = {"document_number": "document_kind", "residence_address": "residence_municipality"}.get(column, column)
    assert [one["column"] for one in did["columns"]] == ([] if code in ("stale-version", "invalid-tax-code") else [wrong])
    assert len(await world.store.load(f"person-{person_id}")) == 2
    if column == "version":
        assert did["version"] == 2, "the present version is named"
    outcomes = await told(world, [row, person(7)], str(new_id()))
    assert [one["outcome"] for one in outcomes] == ["refused", "enrolled"]


async def test_a_row_is_whole_or_not_at_all(world: IntakeWorld) -> None:
    """A document that cannot be takes the notice and the enrolment with it: nothing of the row is stored."""
    cannot_be = {"document_kind": "passport", "document_issued_on": "2021-01-02", "document_expires_on": "2021-01-01"}
    did = await both(world, SELAM | cannot_be)
    assert (did["outcome"], did["code"]) == ("refused", "invalid")
    await world.catch_up()
    assert not await world.store.feed(after=0, limit=1)


async def test_anothers_person_and_nobody_are_refused_in_the_same_words(world: IntakeWorld) -> None:
    """I8: a file learns no more than single commands do."""
    theirs, nobody = await enrolled(world), new_id()
    rows = [{"row": str(at), "beneficiary_id": str(each), "version": 2, "phone": "+39 1 111"} for at, each in enumerate((theirs, nobody))]
    for key in (None, "run-1"):
        _, content = await sent(world, as_csv(rows), key=key, **THIRD)
        other, none = content["items"]
        assert (other["outcome"], other["code"]) == (none["outcome"], none["code"]) == ("refused", "unknown")
        assert other["detail"] == none["detail"]
        assert other["version"] is none["version"] is None


async def test_who_may_be_recorded_already_waits_for_a_person_whatever_the_file_says(world: IntakeWorld) -> None:
    """OpenCRVS: a file decides nothing about duplicates; of another organisation's record it is told no more than a search tells."""
    await told(world, [SELAM], "run-1")
    await world.catch_up()
    again = await both(world, SELAM | {"row": "2"})
    (candidate,) = again["candidates"]
    assert (again["outcome"], again["code"], candidate["organisation"]) == ("waiting", "duplicate-suspected", "ciac")
    assert set(candidate) == {"reference", "organisation", "band"}
    _, theirs = await sent(world, as_csv([SELAM]), key="run-1", **THIRD)
    assert (theirs["waiting"], theirs["items"][0]["candidates"][0]["organisation"]) == (1, "ciac")
    assert theirs["items"][0]["candidates"][0]["reference"] != candidate["reference"]


async def test_a_file_asks_about_no_more_persons_than_anybody_needs_in_an_hour() -> None:
    """Whom a row may be is read as by a search: five hundred guesses in a file are not let through where as many searches are not."""
    async with intake_world(None, rates=Rates(requests=1000, records=1)) as bounded:
        await told(bounded, [person(1), person(2)], "run-1")
        await bounded.catch_up()
        for key in (None, "run-1"):
            _, content = await sent(bounded, as_csv([person(1), person(2)]), key=key, **THIRD)
            assert [one["code"] for one in content["items"]] == ["duplicate-suspected", "too-many-requests"]
            assert content["items"][1]["candidates"] == []


async def test_two_rows_of_one_file_that_may_be_one_person_are_not_both_enrolled(world: IntakeWorld) -> None:
    """The second waits: nobody has looked yet, and no index knows the first."""
    rows = [SELAM, SELAM | {"row": "2", "birth_date": "04/05/1990"}, SELAM | {"row": "1"}]
    for key in (None, "run-1"):
        first, second, third = await told(world, rows, key)
        assert (first["outcome"], second["outcome"], second["code"]) == ("enrolled", "waiting", "alike-in-file")
        assert "line 2" in second["detail"]
        assert (third["outcome"], third["columns"][0]["column"]) == ("refused", "row")


async def test_the_same_file_again_does_nothing_twice_and_a_corrected_row_goes_on(world: IntakeWorld) -> None:
    """I4: each row has a key of its own, which follows from the request's and from what the row is called."""
    rows = [person(each) for each in range(4)]
    broken = [*rows[:3], rows[3] | {"territory": "XX"}]
    first = await told(world, broken, "run-1")
    assert [one["outcome"] for one in first] == ["enrolled"] * 3 + ["refused"]
    await world.catch_up()
    assert await told(world, broken, "run-1") == first
    corrected = await told(world, rows, "run-1")
    assert corrected[:3] == first[:3]
    assert corrected[3]["outcome"] == "enrolled"
    changed = await told(world, [rows[0] | {"phone": "+39 222 222"}], "run-1")
    assert (changed[0]["outcome"], changed[0]["code"]) == ("refused", "idempotency-key-reused")
    await world.catch_up()
    assert (await world.get("/beneficiaries", **COORDINATOR)).content["count"] == 4


async def test_an_italian_workbook_and_a_csv_say_the_same(world: IntakeWorld) -> None:
    """Semicolons and a byte order mark, Italian headings with capitals and accents, cells that are days and truths."""
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    workbook = as_workbook([SELAM | {"row": 1, "birth_date": date(1990, 5, 4), "notice_mediator": True}])
    files = [(as_csv([SELAM], italian=True), CSV), (as_csv([SELAM], separator=",", encoding="utf-8"), CSV), (workbook, xlsx)]
    answers = [await sent(world, raw, media=media) for raw, media in files]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1]["enrolled"] == 1
    spelt = (
        as_csv([SELAM], italian=True)
        .decode("utf-8-sig")
        .replace("modalita_informativa", "Modalità informativa")
        .replace("cognome", "COGNOME")
    )
    assert await sent(world, spelt.encode()) == answers[0]


async def test_the_template_is_taken_back_as_it_is(world: IntakeWorld) -> None:
    """A file of headings alone has no rows, and is right."""
    for language in ("it", "en"):
        headers = {"Authorization": f"Bearer {world.issuer.token(**COORDINATOR)}"}
        answer = await world.client.get(f"/enrolment-file-template?language={language}", headers=headers)
        assert answer.headers["content-type"].startswith("text/csv")
        assert (await sent(world, answer.content))[1]["items"] == []


async def test_a_file_is_a_coordinators_and_each_answer_is_one_record_of_whom_it_told_of(world: IntakeWorld) -> None:
    """I9: everybody whom the rows name and every candidate, in one record."""
    assert (await sent(world, as_csv([SELAM]), ancora_role="case-worker"))[0] == 403
    (did,) = await told(world, [SELAM], "run-1")
    await world.catch_up()
    before = len(await world.reads.recorded())
    update = {"row": "3", "beneficiary_id": did["beneficiary_id"], "version": 2, "phone": "+39 1 111"}
    for key in (None, "run-2"):
        await told(world, [SELAM | {"row": "2"}, update], key)
    after = [record for _, record in await world.reads.recorded()][before:]
    assert [(record.outcome, [str(one) for one in record.subjects]) for record in after] == [
        (ReadOutcome.ANSWERED, [did["beneficiary_id"]])
    ] * 2


class Hurrying:
    """A clock by which every look at it is a second later."""

    def __init__(self) -> None:
        """Begin now."""
        self._now = SystemClock().now() - timedelta(minutes=30)

    def now(self) -> datetime:
        """See `Clock.now`."""
        self._now += timedelta(seconds=1)
        return self._now


async def test_a_file_that_takes_long_is_carried_out_to_its_last_row() -> None:
    """No command waits more than five seconds for its append: each row is decided when its turn comes."""
    async with intake_world(None, Hurrying()) as slow:
        outcomes = await told(slow, [person(each) for each in range(12)], "run-1")
    assert [one["outcome"] for one in outcomes] == ["enrolled"] * 12


async def test_more_than_a_file_may_hold_is_refused_before_any_row(world: IntakeWorld) -> None:
    """Rows, bytes, unknown headings: nothing is stored of a file that is not read to its end."""
    status, content = await sent(world, as_csv([person(each) for each in range(501)]), key="run-1")
    assert (status, content["type"]) == (413, "urn:ancora:problem:file-too-long")
    status, content = await sent(world, b"row;" + b"x" * 1024 * 1024, key="run-1")
    assert (status, content["type"]) == (413, "urn:ancora:problem:body-too-large")
    status, content = await sent(world, b"row;nome;soprannome;x\n1;a;b;c\n", key="run-1")
    assert (status, content["type"]) == (422, "urn:ancora:problem:unreadable-file")
    assert [one["field"] for one in content["errors"]] == ["headings[2]", "headings[3]"]
    assert "soprannome" not in str(content)
    await world.catch_up()
    assert not await world.store.feed(after=0, limit=1)
