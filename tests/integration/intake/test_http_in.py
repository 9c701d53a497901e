"""A person's way through intake, over HTTP, in memory and on PostgreSQL."""

from __future__ import annotations

from uuid import UUID

from services._runtime.ids import new_id
from tests.support.intake_worlds import IntakeWorld

NOTICE = {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True}
IDENTITY = {
    "sex": "female",
    "given_names": "Selam",
    "family_name": "Prova",
    "birth_date": "1990-01-01",
    "birth_date_precision": "year",
    "citizenship": "ERI",
}
ENROLMENT = {
    "territory": "PR",
    "municipality": "034027",
    "identity": IDENTITY,
    "contact": {"languages": ["ti", "en"], "phone": "+39 000 000000"},
    "occurred_on": "2021-03-01",
}


async def enrolled(world: IntakeWorld, **changes: object) -> UUID:
    """Give a notice and enrol; return the person's id."""
    person = new_id()
    await world.tell(person, "privacy-notices", NOTICE)
    await world.tell(person, "enrolment", ENROLMENT | changes)
    return person


async def eligible(world: IntakeWorld) -> UUID:
    """Enrol a person whom the call's rule admits."""
    person = await enrolled(world)
    await world.tell(person, "protection-status", {"status": "refugee", "granted_on": "2020-05-05"})
    await world.tell(person, "reception-exit", {"occurred_on": "2020-11-30"})
    return person


async def test_a_person_is_informed_enrolled_admitted_and_read_back(world: IntakeWorld) -> None:
    """The slice's first half: what is stored is what was told, sealed fields included."""
    person = await eligible(world)
    answer = await world.tell(person, "admissions", {"programme": "ancora-2.0", "occurred_on": "2021-03-02"})
    assert [event["type"] for event in answer.content["events"]] == ["intake.eligibility_assessed", "intake.programme_admitted"]
    read = await world.get(f"/beneficiaries/{person}")
    assert (read.status, read.headers["etag"], read.content["status"]) == (200, '"6"', "in-care")
    record = read.content["record"]
    assert record["identity"] == IDENTITY
    assert record["contact"]["languages"] == ["ti", "en"]
    assert (record["territory"], record["municipality"]) == ("PR", "034027")
    assert [(one["programme"], one["current"]) for one in record["admissions"]] == [("ancora-2.0", True)]
    assert record["notices"][0]["language"] == "ti"


async def test_nothing_personal_is_in_what_the_feed_carries(world: IntakeWorld) -> None:
    """I6: names, birth year, citizenship, languages, exact status and words are sealed in every event of the feed."""
    person = await eligible(world)
    await world.tell(person, "identity-corrections", {"identity": IDENTITY | {"family_name": "Provetta"}, "reason": "Misspelt"})
    await world.tell(person, "vulnerabilities", {"needs": ["torture-or-violence"], "words": "Told to the doctor"})
    await world.tell(person, "residence", {"municipality": "034032", "address": "Via Prova 1"})
    await world.tell(person, "notes", {"text": "Prefers mornings"})
    await world.catch_up()
    wire = b"".join(event.recorded.data for event in await world.store.feed(after=0, limit=100)).decode()
    for private in ("Selam", "Prov", "1990", "ERI", '"ti"', "refugee", "2020-05-05", "Misspelt", "torture", "doctor", "034032", "mornings"):
        assert private not in wire
    assert '"international_protection":true' in wire


async def test_the_envelope_says_where_the_fact_belongs(world: IntakeWorld) -> None:
    """Territory, municipality, programme and partition key are the person's."""
    person = await eligible(world)
    await world.tell(person, "admissions", {"programme": "ancora-2.0", "occurred_on": "2021-03-02"})
    notice, enrolment, *_, admitted = [event.recorded.envelope for event in await world.store.load(f"person-{person}")]
    assert (notice.responsible_organisation, notice.territory) == ("ciac", None)
    assert (enrolment.territory, enrolment.municipality, enrolment.partition_key) == ("PR", "034027", str(person))
    assert (enrolment.occurred_on.isoformat(), admitted.programme) == ("2021-03-01", "ancora-2.0")


async def test_enrolment_without_a_notice_is_told_what_comes_first(world: IntakeWorld) -> None:
    """Nothing is recorded yet, so there is no version to decide on: 404."""
    answer = await world.post(f"/beneficiaries/{new_id()}/enrolment", ENROLMENT, version=1)
    assert (answer.status, answer.content["type"]) == (404, "urn:ancora:problem:unknown")


async def test_refusals_and_contradictions_have_their_own_codes(world: IntakeWorld) -> None:
    """409 for facts, 422 for contradictions, each with a stable type and a text without values."""
    person = await enrolled(world)
    again = await world.post(f"/beneficiaries/{person}/enrolment", ENROLMENT, version=2)
    assert (again.status, again.content["type"]) == (409, "urn:ancora:problem:already-enrolled")
    wrong = await world.post(f"/beneficiaries/{person}/tax-code", {"tax_code": "RSSMRA80A01H501A"}, version=2)
    assert (wrong.status, wrong.content["type"]) == (422, "urn:ancora:problem:invalid-tax-code")
    assert "RSSMRA" not in str(wrong.content)
    elsewhere = await world.post(f"/beneficiaries/{person}/readmission", {"territory": "XX"}, version=2)
    assert (elsewhere.status, elsewhere.content["type"]) == (409, "urn:ancora:problem:not-exited")
    assert len(await world.store.load(f"person-{person}")) == 2


async def test_a_stale_version_is_told_what_came_in_between(world: IntakeWorld) -> None:
    """412, with the types of the unseen events and nothing of their contents."""
    person = await enrolled(world)
    await world.tell(person, "notes", {"text": "first"})
    answer = await world.post(f"/beneficiaries/{person}/notes", {"text": "second"}, version=2)
    assert (answer.status, answer.content["current_version"]) == (412, 3)
    assert [event["type"] for event in answer.content["unseen"]] == ["intake.note_added"]


async def test_whoever_is_told_what_came_in_between_is_recorded_to_have_read_of_the_person(world: IntakeWorld) -> None:
    """I9: a command that is stale tells what happened and when, and leaves no event that would say who was told."""
    person = await enrolled(world)
    assert (await world.post(f"/beneficiaries/{person}/notes", {"text": "inventato"}, version=1)).status == 412
    envelope, read = (await world.reads.recorded())[-1]
    assert (envelope.actor, read.action, read.subjects, read.status) == ("worker-1", "intake.add-note", (person,), 412)


async def test_a_household_of_another_organisation_is_answered_like_none(world: IntakeWorld) -> None:
    """I8: an id in a body tells as little as one in an address."""
    person, theirs, none = await enrolled(world), new_id(), new_id()
    formed = await world.post(f"/households/{theirs}", {"territory": "FE"}, version=None, ancora_org="cidas", sub="worker-2")
    assert formed.status == 201
    told = []
    for household in (theirs, none):
        body = {"household_id": str(household), "relation": "head"}
        answer = await world.post(f"/beneficiaries/{person}/household", body, version=2)
        told.append((answer.status, answer.content | {"instance": "", "trace_id": ""}))
    assert told[0] == told[1]
    assert told[0][1]["type"] == "urn:ancora:problem:unknown-household"


async def test_other_organisations_get_neither_the_record_nor_a_command(world: IntakeWorld) -> None:
    """I8: whoever is outside the record's organisation gets nothing."""
    person = await enrolled(world)
    assert (await world.get(f"/beneficiaries/{person}", ancora_org="ics")).status == 404
    told = await world.post(f"/beneficiaries/{person}/notes", {"text": "hello"}, version=2, ancora_org="ics", sub="worker-2")
    assert told.status == 404
    assert len(await world.store.load(f"person-{person}")) == 2


async def test_a_household_is_formed_once_and_must_exist_to_be_joined(world: IntakeWorld) -> None:
    """Linking checks the household's stream without writing to it."""
    person, household = await enrolled(world), new_id()
    link = {"household_id": str(household), "relation": "head"}
    missing = await world.post(f"/beneficiaries/{person}/household", link, version=2)
    assert (missing.status, missing.content["type"]) == (404, "urn:ancora:problem:unknown-household")
    formed = await world.post(f"/households/{household}", {"territory": "PR"})
    assert (formed.status, formed.content["stream"]) == (201, f"household-{household}")
    twice = await world.post(f"/households/{household}", {"territory": "PR"})
    assert (twice.status, twice.content["type"]) == (409, "urn:ancora:problem:already-exists")
    linked = await world.tell(person, "household", link)
    assert (linked.content["stream"], linked.content["related"]) == (f"person-{person}", [])
    assert (await world.get(f"/beneficiaries/{person}")).content["record"]["household"]["relation"] == "head"
    assert (await world.get(f"/households/{household}")).content["territory"] == "PR"


async def test_a_command_over_two_streams_is_answered_alike_when_its_key_comes_again(world: IntakeWorld) -> None:
    """I4: the receipt is rebuilt from what is stored, in the order of the command's streams."""
    person, household = await enrolled(world), new_id()
    await world.post(f"/households/{household}", {"territory": "PR"})
    headers = {"Authorization": f"Bearer {world.issuer.token()}", "Idempotency-Key": "link-1", "If-Match": '"2"'}
    link = {"household_id": str(household), "relation": "head"}
    first = await world.client.post(f"/beneficiaries/{person}/household", json=link, headers=headers)
    await world.tell(person, "notes", {"text": "later"})
    again = await world.client.post(f"/beneficiaries/{person}/household", json=link, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.json(), again.headers["etag"]) == (first.json(), '"3"')


async def test_a_household_of_another_organisation_cannot_be_joined(world: IntakeWorld) -> None:
    """I8, over two streams: all of a command's streams must be the caller's."""
    person, household = await enrolled(world), new_id()
    await world.post(f"/households/{household}", {"territory": "TS"}, ancora_org="ics", sub="worker-2")
    link = {"household_id": str(household), "relation": "head"}
    assert (await world.post(f"/beneficiaries/{person}/household", link, version=2)).status == 404


async def test_every_fact_is_read_back_as_it_was_told(world: IntakeWorld) -> None:
    """Documents, contact, residence, special needs, tax code: each restated, each readable."""
    person, document = await enrolled(world), str(new_id())
    await world.tell(person, "contact", {"contact": {"languages": ["so"], "email": "selam@example.org"}})
    await world.tell(person, "documents", {"document_id": document, "kind": "residence-permit", "expires_on": "2026-01-01"})
    await world.tell(person, "vulnerabilities", {"needs": ["single-parent"]})
    await world.tell(person, "residence", {"municipality": "034032"})
    await world.tell(person, "tax-code", {"tax_code": "rssmra80a01h501u"})
    record = (await world.get(f"/beneficiaries/{person}")).content["record"]
    assert record["contact"]["email"] == "selam@example.org"
    assert [each["document_id"] for each in record["documents"]] == [document]
    assert record["vulnerability"]["needs"] == ["single-parent"]
    assert (record["municipality"], record["other_municipality"]) == (None, "034032")
    assert record["tax_code"] == "RSSMRA80A01H501U"


async def test_exit_and_readmission_make_a_second_episode(world: IntakeWorld) -> None:
    """Exit leaves the programmes; readmission is episode 2 of the same person."""
    person = await eligible(world)
    await world.tell(person, "admissions", {"programme": "ancora-2.0", "occurred_on": "2021-03-02"})
    left = await world.tell(person, "exit", {"reason": "moved-away", "destination": "relatives-or-friends", "remarks": "To a cousin"})
    assert [event["type"] for event in left.content["events"]] == ["intake.programme_left", "intake.beneficiary_exited"]
    assert (await world.get(f"/beneficiaries/{person}")).content["status"] == "exited"
    await world.tell(person, "readmission", {"territory": "BO"})
    read = (await world.get(f"/beneficiaries/{person}")).content
    assert (read["status"], read["record"]["episode"], read["record"]["territory"]) == ("in-care", 2, "BO")


async def test_the_caseload_lists_the_organisation_s_own_persons_page_by_page(world: IntakeWorld) -> None:
    """I8: others' persons are not on it; nobody is named on it."""
    persons = sorted([str(await enrolled(world)) for _ in range(5)])
    await world.tell(UUID(persons[0]), "exit", {"reason": "withdrew", "destination": "unknown"})
    other = new_id()
    await world.post(f"/beneficiaries/{other}/privacy-notices", NOTICE, ancora_org="ics", sub="worker-2")
    await world.catch_up()
    seen: list[str] = []
    cursor = ""
    while True:
        page = await world.get(f"/beneficiaries?limit=2{cursor}")
        assert page.status == 200, page.content
        assert "Selam" not in str(page.content)
        seen += [item["beneficiary_id"] for item in page.content["items"]]
        if page.content["next_cursor"] is None:
            break
        cursor = f"&cursor={page.content['next_cursor']}"
    assert seen == persons
    assert page.headers["ancora-as-of-position"] == "12"
    exited = (await world.get("/beneficiaries?status=exited")).content["items"]
    assert [item["beneficiary_id"] for item in exited] == persons[:1]
    assert (await world.get("/beneficiaries", ancora_org="ics")).content["items"][0]["status"] == "informed"
    assert (await world.get("/beneficiaries?cursor=nonsense")).status == 422


async def test_roles_outside_care_may_not_read_or_command(world: IntakeWorld) -> None:
    """I8, coarsely: the role decides first."""
    person = await enrolled(world)
    for role in ("auditor", "administrator", "tutor-coordinator", "municipality"):
        assert (await world.get(f"/beneficiaries/{person}", ancora_role=role)).status == 403
        assert (await world.get("/beneficiaries", ancora_role=role)).status == 403
