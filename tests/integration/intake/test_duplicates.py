"""Who may be somebody already recorded, over HTTP, in memory and on PostgreSQL: shown before saving, decided on, joined and split."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from contracts.personal import DataClass
from services._runtime.ids import new_id
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.store.connecting import open_pool
from services._runtime.store.recording import Recorder
from services.intake.domain.blocking import asked_keys
from services.intake.domain.commands import Identity
from services.intake.domain.name_words import skeleton
from services.intake.projections.likenesses import LikenessFollower, Told, blinded
from services.intake.projections.likenesses_postgres import PostgresLikenesses
from tests.integration.intake.test_http_in import ENROLMENT, NOTICE, enrolled
from tests.support.database import Cluster
from tests.support.intake_worlds import Answer, IntakeWorld, intake_world
from tests.support.own_server import own_server

if TYPE_CHECKING:
    from services.intake.projections.likenesses import LikenessIndex

ELSEWHERE: dict[str, Any] = {"sub": "worker-2", "ancora_org": "another"}
WHY = "Inventato: visti insieme allo sportello."
WHO = {
    "sex": "male",
    "given_names": "Mohammed Lamin",
    "family_name": "Inventato",
    "birth_date": "1991-05-17",
    "birth_date_precision": "day",
    "citizenship": "GMB",
}
AGAIN = WHO | {"given_names": "Inventato", "family_name": "Muhammad Lamine"}
"""The same person at another desk: names swapped and spelt otherwise."""


async def recorded(world: IntakeWorld, identity: dict[str, Any] = WHO, **changes: object) -> UUID:
    """Enrol somebody and let the keys follow."""
    person = await enrolled(world, identity=identity, **changes)
    await world.catch_up()
    return person


async def looked_for(world: IntakeWorld, identity: dict[str, Any] = AGAIN, **asked: object) -> list[dict[str, Any]]:
    """Return the candidates."""
    named: dict[str, Any] = {name: asked.pop(name) for name in ("tax_code", "beneficiary_id") if name in asked}
    body = {"identity": identity, **named}
    answer = await world.post("/duplicate-searches", body, version=None, **asked)
    assert answer.status == 200, answer.content
    candidates: list[dict[str, Any]] = answer.content["candidates"]
    return candidates


async def enrolling(world: IntakeWorld, person: UUID, *considered: dict[str, Any], **claims: object) -> Answer:
    """Give the notice, where none was given, and try to enrol the person again."""
    if not await world.store.load(f"person-{person}"):
        await world.post(f"/beneficiaries/{person}/privacy-notices", NOTICE, version=None, **claims)
    body = ENROLMENT | {"identity": AGAIN, "duplicates_considered": list(considered)}
    return await world.post(f"/beneficiaries/{person}/enrolment", body, version=1, **claims)


async def two_of_one(world: IntakeWorld) -> tuple[UUID, UUID]:
    """Return a person's record, and their second one, which was enrolled undecided."""
    first, second = await recorded(world), new_id()
    (candidate,) = await looked_for(world)
    answer = await enrolling(world, second, {"reference": candidate["reference"], "decision": "undecided", "reason": WHY})
    assert answer.status == 200, answer.content
    await world.catch_up()
    return first, second


async def decide(world: IntakeWorld, person: UUID, what: str, **body: object) -> Answer:
    """Send a decision at the record's present version."""
    version = len(await world.store.load(f"person-{person}"))
    return await world.post(f"/beneficiaries/{person}/{what}", {"reason": WHY, **body}, version=version)


async def test_candidates_are_shown_before_saving_with_each_field_explained(world: IntakeWorld) -> None:
    """Match, close, mismatch, blank; who it is; and that it was read is recorded."""
    person = await recorded(world)
    await recorded(world, WHO | {"given_names": "Kofi", "family_name": "Altro", "birth_date": "1980-02-03"})
    (candidate,) = await looked_for(world, AGAIN | {"citizenship": None})
    own = candidate["own"]
    assert (candidate["organisation"], candidate["band"], own["beneficiary_id"]) == ("ciac", "likely", str(person))
    assert 0.7 < own["score"] < 1
    assert own["fields"] == {
        "given_names": "close", "family_name": "close", "birth_date": "match", "sex": "match", "citizenship": "blank", "tax_code": "blank",
    }  # fmt: skip
    assert (own["given_names"], own["birth_date"]) == ("Mohammed Lamin", "1991-05-17")
    read = (await world.reads.recorded())[-1][1]
    assert (read.action, read.subjects, read.classes) == ("intake.search-duplicates", (person,), (DataClass.IDENTITY,))


async def test_another_organisation_is_told_a_reference_a_band_and_whose_record_it_is(world: IntakeWorld) -> None:
    """I8: neither who it is, nor how each field compares, nor an id by which anything is reached."""
    person = await recorded(world)
    (candidate,) = await looked_for(world, **ELSEWHERE)
    assert candidate == {"reference": candidate["reference"], "organisation": "ciac", "band": "very-likely", "own": None}
    assert candidate["reference"] not in {str(person), (await looked_for(world))[0]["reference"]}
    read = (await world.reads.recorded())[-2][1]
    assert (read.subjects, read.classes) == ((person,), ())
    weak = WHO | {"birth_date": "1991-01-01", "citizenship": "NGA"}
    assert [one["band"] for one in await looked_for(world, weak)] == ["possible"]
    assert await looked_for(world, weak, **ELSEWHERE) == [], "whoever guesses at names learns nothing of others' persons"


async def test_an_enrolment_like_another_wants_a_decision_and_stores_nothing_before(world: IntakeWorld) -> None:
    """Of the organisation's own persons and of others'; each is named by its reference, and whoever was named is on record."""
    person, second = await recorded(world), new_id()
    for claims in ({}, ELSEWHERE):
        second = new_id()
        refused = await enrolling(world, second, **claims)
        assert refused.status == 409, refused.content
        assert refused.content["type"] == "urn:ancora:problem:duplicate-suspected"
        (candidate,) = await looked_for(world, **claims)
        assert refused.content["candidates"] == [{name: candidate[name] for name in ("reference", "organisation", "band")}]
        assert len(await world.store.load(f"person-{second}")) == 1
        read = (await world.reads.recorded())[-2][1]
        assert (read.action, read.subjects, read.outcome.value) == ("intake.enrol", (person,), "refused")
        unknown = await enrolling(world, second, {"reference": str(new_id()), "decision": "two-persons", "reason": WHY}, **claims)
        assert (unknown.status, unknown.content["type"]) == (422, "urn:ancora:problem:unknown-reference")
        stored = await enrolling(world, second, {"reference": candidate["reference"], "decision": "two-persons", "reason": WHY}, **claims)
        types = [event["type"] for event in stored.content["events"]]
        assert types == ["intake.beneficiary_enrolled", "intake.duplicate_suspected", "intake.duplicate_dismissed"]


async def test_an_enrolment_is_answered_alike_when_it_comes_again_after_others_like_it(world: IntakeWorld) -> None:
    """I4: the repeat is no new enrolment, whoever was recorded meanwhile."""
    person = new_id()
    await world.tell(person, "privacy-notices", NOTICE)
    headers = {"Authorization": f"Bearer {world.issuer.token()}", "Idempotency-Key": "enrol-1", "If-Match": '"1"'}
    path, body = f"/beneficiaries/{person}/enrolment", ENROLMENT | {"identity": WHO}
    first = await world.client.post(path, json=body, headers=headers)
    await recorded(world, AGAIN)
    again = await world.client.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())


async def test_a_record_tells_of_its_suspicions_and_of_others_persons_only_the_reference(world: IntakeWorld) -> None:
    """I8, again where the record itself is read."""
    first, second = await two_of_one(world)
    (own,) = (await world.get(f"/beneficiaries/{second}")).content["record"]["duplicates"]["suspicions"]
    assert (own["standing"], own["other"], own["fields"]["birth_date"]) == ("open", str(first), "match")
    theirs = new_id()
    await enrolling(world, theirs, **ELSEWHERE)
    candidates = await looked_for(world, **ELSEWHERE)
    considered = [{"reference": one["reference"], "decision": "undecided", "reason": WHY} for one in candidates]
    assert (await enrolling(world, theirs, *considered, **ELSEWHERE)).status == 200
    told = (await world.get(f"/beneficiaries/{theirs}", **ELSEWHERE)).content["record"]["duplicates"]["suspicions"]
    assert len(told) == 2
    for one in told:
        assert (one["organisation"], one["other"], one["score"], one["fields"]) == ("ciac", None, None, None)
    assert str(first) not in str(told)


async def test_a_dismissed_duplicate_is_suspected_from_neither_side_again(world: IntakeWorld) -> None:
    """Whoever looked at both is not asked to do so at each correction."""
    first, second = await two_of_one(world)
    (suspicion,) = (await world.get(f"/beneficiaries/{second}")).content["record"]["duplicates"]["suspicions"]
    assert (await decide(world, second, "duplicate-dismissals", reference=suspicion["reference"])).status == 200
    await world.catch_up()
    for person, identity in ((first, WHO), (second, AGAIN)):
        assert await looked_for(world, identity, beneficiary_id=str(person)) == []
        corrected = await decide(world, person, "identity-corrections", identity=identity)
        assert [event["type"] for event in corrected.content["events"]] == ["intake.identity_corrected"]
    assert len(await looked_for(world)) == 2, "somebody else may be either of them"


async def test_a_correction_makes_suspect_whom_nobody_could_have_seen_before(world: IntakeWorld) -> None:
    first = await recorded(world)
    second = await recorded(world, AGAIN | {"family_name": "Sbagliato", "birth_date": "1960-02-02"})
    corrected = await decide(world, second, "identity-corrections", identity=AGAIN)
    assert [event["type"] for event in corrected.content["events"]] == ["intake.identity_corrected", "intake.duplicate_suspected"]
    (suspicion,) = (await world.get(f"/beneficiaries/{second}")).content["record"]["duplicates"]["suspicions"]
    assert suspicion["other"] == str(first)


async def test_a_confirmed_duplicate_keeps_both_histories_and_is_split_again(world: IntakeWorld) -> None:
    """rdv-insertion: "a merge lost appointment history". Both streams hold every event they held, and go on after the split."""
    first, second = await two_of_one(world)
    await world.tell(second, "notes", {"text": "Inventato: appuntamento di giovedì."})
    before = {person: await world.store.load(f"person-{person}") for person in (first, second)}
    confirmed = await decide(world, second, "duplicate-confirmations", other_id=str(first), survivor_id=str(first))
    assert confirmed.status == 200, confirmed.content
    assert [one["stream"] for one in (confirmed.content, *confirmed.content["related"])] == [f"person-{second}", f"person-{first}"]
    for person, events in before.items():
        assert [each.recorded for each in (await world.store.load(f"person-{person}"))[: len(events)]] == [each.recorded for each in events]
    for person, other in ((first, second), (second, first)):
        (same,) = (await world.get(f"/beneficiaries/{person}")).content["record"]["duplicates"]["same"]
        assert (same["other"], same["survivor"]) == (str(other), str(first))
    notes = (await world.get(f"/beneficiaries/{second}")).content["record"]["notes"]
    assert [note["text"] for note in notes] == ["Inventato: appuntamento di giovedì."]
    refused = await decide(world, second, "tax-code", tax_code="RSSMRA80A01H501U", reason=None)
    assert refused.status == 422
    elsewhere = await world.post(f"/beneficiaries/{second}/notes", {"text": "late"}, version=len(before[second]) + 1)
    assert (elsewhere.status, elsewhere.content["type"]) == (409, "urn:ancora:problem:recorded-elsewhere")
    assert str(first) in elsewhere.content["detail"]
    split = await decide(world, first, "duplicate-splits", other_id=str(second))
    assert split.status == 200, split.content
    for person in (first, second):
        await world.tell(person, "notes", {"text": "goes on"})
        assert (await world.get(f"/beneficiaries/{person}")).content["record"]["duplicates"]["same"] == []


async def test_records_of_two_organisations_are_not_joined_by_one_of_them(world: IntakeWorld) -> None:
    """I8: what is not there and what is another's are answered alike."""
    ours = await recorded(world)
    theirs = new_id()
    (candidate,) = await looked_for(world, **ELSEWHERE)
    considered = {"reference": candidate["reference"], "decision": "undecided", "reason": WHY}
    assert (await enrolling(world, theirs, considered, **ELSEWHERE)).status == 200
    answers = [await decide(world, ours, "duplicate-confirmations", other_id=str(one), survivor_id=str(ours)) for one in (theirs, new_id())]
    for answer in answers:
        assert (answer.status, answer.content["type"]) == (404, "urn:ancora:problem:unknown-other-record")
    assert {answer.content["detail"] for answer in answers} == {answers[0].content["detail"]}
    with_itself = await decide(world, ours, "duplicate-confirmations", other_id=str(ours), survivor_id=str(ours))
    assert with_itself.status == 422


async def test_nothing_of_who_was_compared_travels(world: IntakeWorld) -> None:
    """I6: the feed holds a reference and a band; neither names, nor how they compare, nor words, nor the other's id."""
    first, second = await two_of_one(world)
    await world.catch_up()
    feed = await world.store.feed(after=0, limit=100)
    wire = b"".join(event.recorded.data for event in feed if event.recorded.envelope.stream_id == f"person-{second}").decode()
    assert '"band":"very-likely"' in wire
    for private in ("Inventato", "Muhammad", "close", "mismatch", "permille", str(first)):
        assert private not in wire


async def test_an_erased_person_is_like_nobody_any_more(world: IntakeWorld) -> None:
    """I7: their keys are forgotten and do not come back."""
    person = await recorded(world)
    await world.keyring.destroy(str(person))
    assert await _found(world.likenesses, world) == [person]
    assert await world.likenesses.forget(person)
    assert await _found(world.likenesses, world) == []
    assert not await world.likenesses.forget(person)
    await world.catch_up()
    assert await looked_for(world) == []


async def test_only_one_process_writes_keys_at_a_time_and_a_purge_waits_for_it(world: IntakeWorld) -> None:
    """I7: who read a name before its erasure writes its keys before the purge, never after."""
    person = await recorded(world)
    async with world.likenesses.writing():
        forgetting = asyncio.create_task(world.likenesses.forget(person))
        await asyncio.sleep(0.2)
        assert not forgetting.done()
    assert await forgetting


async def test_a_new_codice_fiscale_takes_the_place_of_the_one_before(world: IntakeWorld) -> None:
    """Somebody is found by the code that is theirs now, whatever they are called."""
    person, nobody = await recorded(world, tax_code="12345678903"), AGAIN | {"given_names": "Kofi", "family_name": "Altro"}
    unlike = nobody | {"birth_date": "1970-02-03", "citizenship": None}
    assert [one["own"]["beneficiary_id"] for one in await looked_for(world, unlike, tax_code="12345678903")] == [str(person)]
    await world.tell(person, "tax-code", {"tax_code": "RSSMRA80A01H501U"})
    await world.catch_up()
    assert await looked_for(world, unlike, tax_code="12345678903") == []
    (found,) = await looked_for(world, unlike, tax_code="RSSMRA80A01H501U")
    assert found["own"]["fields"]["tax_code"] == "match"


async def test_no_name_is_in_the_index_nor_anything_by_which_one_is_found_without_the_secret(cluster: Cluster) -> None:
    """I6: keys are HMACs; another secret gives others."""
    async with intake_world(cluster) as world:
        await recorded(world, tax_code="RSSMRA80A01H501U")
        assert isinstance(world.likenesses, PostgresLikenesses)
        rows = await world.likenesses._pool.fetch("select * from private.likeness_key")
        tables = await world.likenesses._pool.fetch("select * from private.likeness")
    assert len(rows) > 5
    stored = "".join(str(value) for row in (*rows, *tables) for value in row.values())
    for private in ("inventato", "mohammed", skeleton("inventato"), skeleton("mohammed"), "1991", "rssmra", "80a01"):
        assert private not in stored.casefold()
    who = Identity(sex="male", given_names="Mohammed Lamin", family_name="Inventato", birth_date=None)  # type: ignore[arg-type]
    async with intake_world(None) as other:
        assert not {row["key"] for row in rows} & blinded(other.keyring, asked_keys(who, "RSSMRA80A01H501U")).keys()


async def test_after_a_crash_of_the_server_the_keys_are_gone_and_built_anew_from_the_store() -> None:
    """I12: unlogged tables are empty after a crash, on a standby and in a backup; that is seen, and made good."""
    async with intake_world(None) as world, own_server() as server:
        person = await recorded(world)
        cluster = Cluster(server.admin_dsn)
        await cluster.prepare()
        async with cluster.fresh("intake") as database:
            assert await _like(database.dsn, world) == [person]
            await server.crash_and_restart()
            async with await open_pool(database.dsn) as pool:
                assert await _found(PostgresLikenesses(pool), world) == []
            assert await _like(database.dsn, world) == [person]


async def _like(dsn: str, world: IntakeWorld) -> list[UUID]:
    """Bring the keys of a database level with a feed; return who is like the one who is asked about."""
    async with await open_pool(dsn) as pool:
        index = PostgresLikenesses(pool)
        follower = LikenessFollower(index, FeedSource(world.store), world.store, Recorder(world.keyring), world.keyring)
        while await follower.step():
            pass
        return await _found(index, world)


async def _found(index: LikenessIndex, world: IntakeWorld) -> list[UUID]:
    who = Identity(sex="male", given_names="Mohamed", family_name="Inventato", birth_date=None)  # type: ignore[arg-type]
    alike = await index.find(blinded(world.keyring, asked_keys(who, None)), apart_from=None, limit=9)
    return [one.beneficiary_id for one in alike]


async def test_a_record_that_moved_is_told_of_as_its_new_organisations(world: IntakeWorld) -> None:
    """I8: who answers for it now is told who it is, and nobody else."""
    person = await recorded(world)
    async with world.likenesses.writing() as writing:
        await writing.write(writing.position, Told({}, {person: "another"}, ()))
    (before,), (now,) = await looked_for(world), await looked_for(world, **ELSEWHERE)
    assert (before["organisation"], before["own"]) == ("another", None)
    assert now["own"]["beneficiary_id"] == str(person)


async def test_of_many_who_share_keys_those_are_compared_whose_keys_say_most(world: IntakeWorld) -> None:
    """However many are called so, no more than a bounded number is opened."""
    others = [await enrolled(world, identity=WHO | {"family_name": "Altro", "birth_date": f"1991-0{month}-02"}) for month in range(1, 6)]
    person = await recorded(world)
    who = Identity(sex="male", given_names="Lamin", family_name="Inventato", birth_date=date(1991, 5, 17))  # type: ignore[arg-type]
    keys = blinded(world.keyring, asked_keys(who, None))
    found = [one.beneficiary_id for one in await world.likenesses.find(keys, apart_from=None, limit=3)]
    assert found[0] == person
    assert len(found) == 3
    assert {*found[1:]} < {*others}
    assert person not in [one.beneficiary_id for one in await world.likenesses.find(keys, apart_from=person, limit=9)]


@pytest.mark.parametrize("body", [{}, {"identity": {"sex": "male"}}, {"identity": WHO, "beneficiary_id": 7}])
async def test_a_search_of_the_wrong_form_is_refused(world: IntakeWorld, body: dict[str, object]) -> None:
    answer = await world.post("/duplicate-searches", body)
    assert answer.status == 422
    assert "Mohammed" not in str(answer.content)


async def test_only_who_works_in_care_searches(world: IntakeWorld) -> None:
    """I8."""
    for role in ("tutor-coordinator", "auditor", "municipality", "data-protection-officer"):
        assert (await world.post("/duplicate-searches", {"identity": WHO}, version=None, ancora_role=role)).status == 403
