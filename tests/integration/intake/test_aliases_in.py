"""A person's other names over HTTP, in memory and on PostgreSQL: shown with the record, found, compared; and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from services.intake.domain.blocking import name_keys
from services.intake.projections.likenesses import blinded
from tests.integration.intake.test_duplicates import AGAIN, ELSEWHERE, WHO, looked_for, recorded
from tests.integration.intake.test_joint_comparisons_in import OURS, agreed, comparison
from tests.integration.intake.test_search import found, named

if TYPE_CHECKING:
    from uuid import UUID

    from tests.support.intake_worlds import Answer, IntakeWorld

ALTRA = {"sex": "male", "given_names": "Kofi", "family_name": "Altronome", "birth_date": "1991-05-17", "citizenship": "GMB"}
"""Somebody born on the day of `WHO`, under another name."""


async def also_known(world: IntakeWorld, person: UUID, given: str | None, family: str | None, **changes: object) -> tuple[str, Answer]:
    """Record another name, and let the lists follow; return its id and the answer."""
    alias_id = str(new_id())
    body = {"alias_id": alias_id, "kind": "also-known-as", "given_names": given, "family_name": family}
    version = len(await world.store.load(f"person-{person}"))
    answer = await world.post(f"/beneficiaries/{person}/aliases", body | changes, version=version)
    await world.catch_up()
    return alias_id, answer


async def taken_back(world: IntakeWorld, person: UUID, alias_id: str) -> None:
    """Take another name back, and let the lists follow."""
    await world.tell(person, f"aliases/{alias_id}/retraction", {"reason_code": "wrong-person"})
    await world.catch_up()


async def test_other_names_are_shown_with_the_record_until_they_are_taken_back(world: IntakeWorld) -> None:
    person = await named(world, "Selam", "Prova")
    alias_id = str(new_id())
    name = {"alias_id": alias_id, "kind": "transliteration", "given_names": "ሰላም", "family_name": None}
    answer = await world.tell(person, "aliases", name)
    assert [event["type"] for event in answer.content["events"]] == ["intake.alias_recorded"]
    assert (await world.get(f"/beneficiaries/{person}")).content["record"]["aliases"] == [{"beneficiary_id": str(person), **name}]
    await taken_back(world, person, alias_id)
    assert (await world.get(f"/beneficiaries/{person}")).content["record"]["aliases"] == []


async def test_a_person_is_found_by_other_names_and_by_their_own(world: IntakeWorld) -> None:
    """Whichever they say at the desk, also one name of each."""
    person, other = await named(world, "Selam", "Prova"), await named(world, "Selam", "Altra")
    await also_known(world, person, "Mārta Selam", "Esempio")
    await also_known(world, person, "ሰላም", None)
    for asked in ("selam prova", "marta", "esempio selam", "ሰላም", "marta prova"):
        assert await found(world, asked) == [str(person)], asked
    assert await found(world, "selam") == [str(other), str(person)]


async def hit(world: IntakeWorld, name: str) -> dict[str, Any]:
    """Return the one person whom a search finds."""
    (item,) = (await world.post("/beneficiary-searches", {"name": name}, version=None)).content["items"]
    return dict(item)


async def test_a_search_answers_with_the_name_on_the_document_and_by_which_other_name_it_found(world: IntakeWorld) -> None:
    """Whoever asks sees why. What the name on the document has needs no other name to be found by."""
    person = await named(world, "Selam", "Prova")
    first, _ = await also_known(world, person, "Mārta Selam", "Esempio")
    await also_known(world, person, "Ruta", None)
    marta, ruta = {"given_names": "Mārta Selam", "family_name": "Esempio"}, {"given_names": "Ruta", "family_name": None}
    asked = {"selam prova": [], "selam": [], "marta": [marta], "prova esem": [marta], "ruta": [ruta]}
    for name, by in asked.items():
        expected = {"beneficiary_id": str(person), "given_names": "Selam", "family_name": "Prova", "found_by": by}
        assert await hit(world, name) == expected, name
    both = (await hit(world, "ruta marta"))["found_by"]
    assert sorted(both, key=str) == sorted([marta, ruta], key=str)
    await taken_back(world, person, first)
    assert await hit(world, "ruta selam") == {
        "beneficiary_id": str(person),
        "given_names": "Selam",
        "family_name": "Prova",
        "found_by": [ruta],
    }


async def test_several_other_names_that_come_at_once_are_all_told_also_of_whom_no_name_is_on_the_document(world: IntakeWorld) -> None:
    """A person is found by any of them."""
    person = await named(world, "Selam", "Prova")
    for given in ("Ruta", "Abeba"):
        await world.tell(person, "aliases", {"alias_id": str(new_id()), "kind": "also-known-as", "given_names": given})
    await world.catch_up()
    nameless = {"identity": {"sex": "female", "birth_date": "1990-01-01"}, "reason": "no document"}
    await world.tell(person, "identity-corrections", nameless)
    await world.catch_up()
    for given in ("Ruta", "Abeba"):
        by = [{"given_names": given, "family_name": None}]
        assert await hit(world, given) == {"beneficiary_id": str(person), "given_names": None, "family_name": None, "found_by": by}


async def test_by_a_name_that_was_taken_back_nobody_is_found(world: IntakeWorld) -> None:
    """The name on the document, and other names, stay, also where they share a word with it."""
    person = await named(world, "Selam", "Prova")
    wrong, _ = await also_known(world, person, "Selam", "Esempio")
    await also_known(world, person, "Ruta", "Prova")
    await taken_back(world, person, wrong)
    assert await found(world, "esempio") == []
    for asked in ("selam prova", "ruta"):
        assert await found(world, asked) == [str(person)], asked


async def test_a_corrected_identity_leaves_other_names_to_be_found_by(world: IntakeWorld) -> None:
    """A person without a name is found by the other one."""
    person = await named(world, "Selam", "Prova")
    await also_known(world, person, "Ruta", None)
    nameless = {"identity": {"sex": "female", "birth_date": "1990-01-01"}, "reason": "no document"}
    await world.tell(person, "identity-corrections", nameless)
    await world.catch_up()
    assert await found(world, "prova") == []
    assert await found(world, "ruta") == [str(person)]


async def test_another_organisation_finds_nobody_by_other_names(world: IntakeWorld) -> None:
    """I8: nor records one; a record of another organisation is answered as one that is not there."""
    person = await named(world, "Selam", "Prova")
    await also_known(world, person, "Ruta", None)
    assert await found(world, "ruta", ancora_org="another") == []
    body = {"alias_id": str(new_id()), "kind": "also-known-as", "given_names": "Ruta"}
    refused = [await world.post(f"/beneficiaries/{each}/aliases", body, version=3, **ELSEWHERE) for each in (person, new_id())]
    assert [(one.status, one.content["type"]) for one in refused] == [(404, "urn:ancora:problem:unknown")] * 2


async def test_of_an_erased_person_no_other_name_is_found(world: IntakeWorld) -> None:
    """I7: neither by the search nor among those who may be the same person, nor once both are built anew."""
    person = await recorded(world)
    await also_known(world, person, "Kofi", "Altronome")
    assert len(await looked_for(world, ALTRA)) == 1
    await world.keyring.destroy(str(person))
    assert await world.names.forget(person)
    assert await world.likenesses.forget(person)
    await world.catch_up()
    assert await found(world, "altronome") == []
    assert await world.likenesses.find(blinded(world.keyring, name_keys("Kofi", "Altronome")), apart_from=None, limit=9) == []
    assert await looked_for(world, ALTRA) == []


async def test_whoever_has_another_name_of_somebody_may_be_them(world: IntakeWorld) -> None:
    """Fields say how the name compares that speaks most for one person, and which names there are."""
    person = await recorded(world)
    assert await looked_for(world, ALTRA) == []
    alias_id, _ = await also_known(world, person, "Kofi", "Altronome")
    (candidate,) = await looked_for(world, ALTRA)
    own = candidate["own"]
    assert (candidate["band"], own["beneficiary_id"]) == ("very-likely", str(person))
    assert (own["fields"]["given_names"], own["fields"]["family_name"]) == ("match", "match")
    assert own["given_names"] == "Mohammed Lamin"
    assert own["also_known_as"] == [{"given_names": "Kofi", "family_name": "Altronome"}]
    assert [one["own"]["score"] for one in await looked_for(world, WHO)] == [own["score"]]
    (told,) = await looked_for(world, ALTRA, **ELSEWHERE)
    assert (told["band"], told["own"]) == ("very-likely", None)
    await taken_back(world, person, alias_id)
    assert await looked_for(world, ALTRA) == []


async def test_another_name_makes_suspect_whoever_is_recorded_under_it(world: IntakeWorld) -> None:
    """Somebody is enrolled under a name, and it turns out that another person is called so: nobody could have seen it before."""
    first, second = await recorded(world, ALTRA), await recorded(world)
    _, answer = await also_known(world, second, "Cofi", "Altronome")
    assert [event["type"] for event in answer.content["events"]] == ["intake.alias_recorded", "intake.duplicate_suspected"]
    (suspicion,) = (await world.get(f"/beneficiaries/{second}")).content["record"]["duplicates"]["suspicions"]
    assert (suspicion["other"], suspicion["fields"]["given_names"]) == (str(first), "close")


async def test_two_organisations_compare_other_names_too_once_both_agreed(world: IntakeWorld) -> None:
    ours, theirs = await agreed(world)
    before = (await comparison(world, ours, by=OURS))["explanation"]
    assert (before["own_also_known_as"], before["other_also_known_as"]) == ([], [])
    await also_known(world, ours, str(AGAIN["given_names"]), str(AGAIN["family_name"]))
    after = (await comparison(world, ours, by=OURS))["explanation"]
    assert after["score"] > before["score"]
    assert after["own_also_known_as"] == [{"given_names": AGAIN["given_names"], "family_name": AGAIN["family_name"]}]
    assert after["fields"]["given_names"] == "match"
    assert theirs


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"given_names": "Mohammed Lamin"}, 409, "alias-known"),
        ({"given_names": "-"}, 422, "invalid"),
        ({"kind": "nickname"}, 422, "validation"),
    ],
)
async def test_a_name_that_is_none_is_refused(world: IntakeWorld, changes: dict[str, Any], status: int, code: str) -> None:
    """Nothing is stored of it."""
    person = await recorded(world)
    _, answer = await also_known(world, person, "Kofi", None, **changes)
    assert (answer.status, answer.content["type"]) == (status, f"urn:ancora:problem:{code}"), answer.content
    assert len(await world.store.load(f"person-{person}")) == 2


async def test_a_name_that_is_not_there_cannot_be_taken_back(world: IntakeWorld) -> None:
    person = await recorded(world)
    answer = await world.post(f"/beneficiaries/{person}/aliases/{new_id()}/retraction", {"reason_code": "wrong-person"}, version=2)
    assert (answer.status, answer.content["type"]) == (409, "urn:ancora:problem:unknown-alias")
