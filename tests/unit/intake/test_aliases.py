"""A person's other names, given/when/then: recorded once each, beside the name on the document, and taken back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from contracts.aliases import AliasRecorded, AliasRetracted
from contracts.duplicate_codes import Agreement, ScoreBand
from contracts.duplicates import DuplicateSuspected
from contracts.errors import Invalid
from contracts.event import Event
from contracts.intake import IdentityCorrected
from contracts.intake_codes import AliasFault, AliasKind
from services._runtime.ids import new_id
from services.intake.app.deciders import CARE, PERSON
from services.intake.domain.alias_commands import RecordAlias, RetractAlias
from services.intake.domain.aliases import MOST_ALIASES, AliasKnown, TooManyAliases, UnknownAlias
from services.intake.domain.beneficiary import CareEnded, NotEnrolled
from services.intake.domain.blocking import asked_keys, name_keys
from services.intake.domain.comparing import Known, compare, known_of
from services.intake.domain.duplicate_decisions import RecordedElsewhere
from services.intake.domain.person import InCare
from tests.support.given import given
from tests.unit.intake.examples import ENROLLED, EXITED, NOTICE, PERSON_ID, READMITTED, WHO
from tests.unit.intake.test_duplicates import CANDIDATE, DISMISSED, SUSPECTED, merged

ALIAS_ID = UUID("7f0c6a52-8f2b-4e0e-9c1d-0a4f1f6f0005")
RECORD = RecordAlias(beneficiary_id=PERSON_ID, alias_id=ALIAS_ID, kind=AliasKind.TRANSLITERATION, given_names="ሰላም", family_name="Esempio")
RECORDED = AliasRecorded(
    beneficiary_id=PERSON_ID, alias_id=ALIAS_ID, kind=AliasKind.TRANSLITERATION, given_names="ሰላም", family_name="Esempio"
)
RETRACT = RetractAlias(beneficiary_id=PERSON_ID, alias_id=ALIAS_ID, reason_code=AliasFault.WRONG_PERSON)
RETRACTED = AliasRetracted(beneficiary_id=PERSON_ID, alias_id=ALIAS_ID, reason_code=AliasFault.WRONG_PERSON)
IN_CARE: list[Event] = [NOTICE, ENROLLED]
given_person = given(CARE)


def names(history: list[Event]) -> list[UUID]:
    """Return the ids of the other names under which the person is known."""
    state = given_person(history).state()
    assert isinstance(state, InCare)
    return [each.alias_id for each in state.record.aliases]


@pytest.mark.parametrize(("given_names", "family_name"), [("ሰላም", None), (None, "Esempio"), ("Prova", "Selam"), ("Selam", "محمد")])
def test_a_person_may_be_known_under_another_name_or_a_part_of_one(given_names: str | None, family_name: str | None) -> None:
    """In any script, and in the other order: it is what another document says, or how they are called."""
    told = replace(RECORD, given_names=given_names, family_name=family_name)
    said = RECORDED.model_copy(update={"given_names": given_names, "family_name": family_name})
    given_person(IN_CARE).when(told).then([said])


@pytest.mark.parametrize(
    ("given_names", "family_name"), [("Selam", "Prova"), ("SÉLAM", "prova"), ("selam", None), (None, "Prova"), (" Selam ", "Prova")]
)
def test_the_name_on_the_document_is_no_other_name(given_names: str | None, family_name: str | None) -> None:
    """Whichever accents and capitals it is written with, and where a part of it is left out: the person is found by it already."""
    given_person(IN_CARE).when(replace(RECORD, given_names=given_names, family_name=family_name)).refused(AliasKnown)


def test_each_other_name_is_recorded_once_under_an_id_of_its_own() -> None:
    """As what it was recorded does not matter: it is the same name."""
    known = [*IN_CARE, RECORDED]
    again = replace(RECORD, alias_id=new_id(), kind=AliasKind.EARLIER_NAME, family_name="ESEMPIO")
    given_person(known).when(again).refused(AliasKnown)
    given_person(known).when(replace(RECORD, given_names="Altra")).refused(AliasKnown)
    given_person(known).when(replace(again, given_names="Altra")).then_types(AliasRecorded)


@pytest.mark.parametrize(("given_names", "family_name"), [(None, None), ("", " "), ("-", "'")])
def test_a_name_has_a_letter_or_a_digit(given_names: str | None, family_name: str | None) -> None:
    """Nobody is found by a dash."""
    given_person(IN_CARE).when(replace(RECORD, given_names=given_names, family_name=family_name)).refused(Invalid)


def test_a_person_has_a_bounded_number_of_other_names() -> None:
    """One that is taken back makes room."""
    many = [RECORDED.model_copy(update={"alias_id": new_id(), "given_names": f"Altra{number}"}) for number in range(MOST_ALIASES - 1)]
    given_person([*IN_CARE, *many]).when(RECORD).then([RECORDED])
    more = replace(RECORD, alias_id=new_id(), given_names="Ancora")
    given_person([*IN_CARE, *many, RECORDED]).when(more).refused(TooManyAliases)
    given_person([*IN_CARE, *many, RECORDED, RETRACTED]).when(more).then_types(AliasRecorded)


def test_another_name_is_taken_back_once() -> None:
    """It stays in history, and is none of the person's names any more; it may be recorded again."""
    given_person([*IN_CARE, RECORDED]).when(RETRACT).then([RETRACTED])
    assert names([*IN_CARE, RECORDED]) == [ALIAS_ID]
    assert names([*IN_CARE, RECORDED, RETRACTED]) == []
    for history in (IN_CARE, [*IN_CARE, RECORDED, RETRACTED]):
        given_person(history).when(RETRACT).refused(UnknownAlias)
    given_person([*IN_CARE, RECORDED, RETRACTED]).when(RECORD).then([RECORDED])


def test_of_who_is_not_in_care_or_recorded_elsewhere_no_name_is_told() -> None:
    """After the exit a record rests, and one in whose place another goes on says where to go."""
    for command in (RECORD, RETRACT):
        given_person([NOTICE]).when(command).refused(NotEnrolled)
        given_person([*IN_CARE, RECORDED, EXITED]).when(command).refused(CareEnded)
        given_person([*IN_CARE, RECORDED, merged()]).when(command).refused(RecordedElsewhere)
    given_person([*IN_CARE, RECORDED, EXITED, READMITTED]).when(RETRACT).then([RETRACTED])


def test_what_cannot_be_opened_any_more_is_no_name() -> None:
    """I7: the state holds that there is one, and nothing of it."""
    erased = RECORDED.model_copy(update={"kind": None, "given_names": None, "family_name": None})
    history: list[Event] = [NOTICE, ENROLLED.model_copy(update={"given_names": None, "family_name": None}), erased]
    assert names(history) == [ALIAS_ID]
    given_person(history).when(replace(RECORD, alias_id=new_id())).then_types(AliasRecorded)


def test_another_name_makes_suspect_whoever_it_is_like_and_holds_nobody_up() -> None:
    """As a corrected identity does: not those about whom something was suspected, or decided, before."""
    told = replace(RECORD, candidates=(CANDIDATE,))
    given(PERSON)(IN_CARE).when(told).then_types(AliasRecorded, DuplicateSuspected)
    possible = replace(CANDIDATE, band=ScoreBand.POSSIBLE)
    given(PERSON)(IN_CARE).when(replace(told, candidates=(possible,))).then_types(AliasRecorded)
    for history in ([SUSPECTED], [SUSPECTED, DISMISSED]):
        given(PERSON)([*IN_CARE, *history]).when(told).then_types(AliasRecorded)


def test_whoever_is_called_as_another_name_of_somebody_is_compared_as_if_it_were_theirs() -> None:
    """Both ways, and explained as the name that says most for one person."""
    married = replace(WHO, given_names="Ruta", family_name="Inventata")
    other = RECORDED.model_copy(update={"given_names": "Ruta", "family_name": "Inventata"})
    known, asked = known_of(WHO, None, [other]), Known(married)
    assert compare(Known(WHO), asked).fields.given_names is Agreement.MISMATCH
    assert compare(known, asked) == compare(asked, known) == compare(Known(married), asked)
    assert compare(known, Known(WHO)) == compare(Known(WHO), Known(WHO))
    assert compare(known, known_of(replace(WHO, given_names="Altra"), None, [other])) == compare(asked, asked)


def test_a_part_of_a_name_stands_beside_the_rest_of_the_document_s() -> None:
    """Whoever has another family name is no more like their sister by it: the given names still differ."""
    sister = Known(replace(WHO, given_names="Ruta", family_name="Esempio"))
    other = RECORDED.model_copy(update={"given_names": None})
    compared = compare(known_of(WHO, None, [other]), sister)
    assert (compared.fields.given_names, compared.fields.family_name) == (Agreement.MISMATCH, Agreement.MATCH)


def test_another_name_is_found_by_its_keys_whatever_the_birth_date_says() -> None:
    """A birth date is corrected apart from it, and a name alone says little: it is kept under what it says by itself."""
    asked = asked_keys(replace(WHO, given_names="Salaam", family_name="Esempio"), None)
    kept = name_keys("ሰላም", "Esempio")
    assert kept.keys() <= asked.keys()
    assert all(asked[key] == weight for key, weight in kept.items())
    assert name_keys("ሰላም", None).keys() < kept.keys()
    assert name_keys(None, None) == {}


def test_a_corrected_identity_leaves_other_names_as_they_are() -> None:
    """The name that was on the document before may be recorded as an earlier one."""
    corrected = IdentityCorrected(beneficiary_id=PERSON_ID, sex=WHO.sex, given_names="Ruta", family_name="Prova")
    assert names([*IN_CARE, RECORDED, corrected]) == [ALIAS_ID]
    before = replace(RECORD, alias_id=new_id(), kind=AliasKind.EARLIER_NAME, given_names="Selam", family_name=None)
    given_person([*IN_CARE, RECORDED, corrected]).when(before).then_types(AliasRecorded)
