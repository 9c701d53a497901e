"""How two persons compare, field by field; what weighs less; and that nobody is missed who was recorded again with the usual noise."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts.duplicate_codes import Agreement, ScoreBand
from contracts.envelope import Precision
from contracts.intake_codes import Sex
from services.cli.benchmarks.invented_people import NOISES, again, invent
from services.cli.caseload.planning import plan
from services.intake.adapters.bodies import IdentityBody
from services.intake.domain.blocking import asked_keys, code_keys, identity_keys
from services.intake.domain.commands import Identity
from services.intake.domain.comparing import Known, compare
from services.intake.domain.duplicate_decisions import TO_BE_DECIDED
from services.intake.domain.name_words import skeleton

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

MATCH, CLOSE, MISMATCH, BLANK = Agreement.MATCH, Agreement.CLOSE, Agreement.MISMATCH, Agreement.BLANK
WHO = Identity(sex=Sex.MALE, given_names="Mohammed Lamin", family_name="Invented", birth_date=date(1991, 5, 17), citizenship="GMB")
people = st.integers(0, 2**32).map(lambda seed: invent(random.Random(seed)))


def fields(one: Identity, other: Identity) -> tuple[Agreement, Agreement, Agreement]:
    """Return how names and birth date compare."""
    compared = compare(Known(one), Known(other)).fields
    return compared.given_names, compared.family_name, compared.birth_date


def score(one: Identity, other: Identity) -> float:
    """Return how much speaks for their being one person."""
    return compare(Known(one), Known(other)).score


@pytest.mark.parametrize(
    "spellings",
    [
        ("Mohammed", "Muhammad", "Mohamed", "Mahamadou", "محمد"),
        ("Ahmed", "Ahmad", "Ahmet", "أحمد"),
        ("Yusuf", "Youssef", "Yousif"),
        ("Hussein", "Hossain", "Husayn"),
        ("Abdulrahman", "Abdelrahmane"),
        ("Ouattara", "Watara"),
        ("Khadija", "Hadija", "Khadidja"),
        ("Selam", "ሰላም"),
        ("Oleksandr", "Олександр"),
    ],
)
def test_a_name_has_one_skeleton_however_it_is_spelt(spellings: tuple[str, ...]) -> None:
    assert len({skeleton(spelling.casefold()) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [
        ("Mohammed Lamin", "Invented", (MATCH, MATCH)),
        ("LAMIN MOHAMMED", "invénted", (MATCH, MATCH)),
        ("Muhammad Lamine", "Invented", (CLOSE, MATCH)),
        ("Mohammed", "Invented", (CLOSE, MATCH)),
        ("Mohammed Lamin Ali", "Invented", (CLOSE, MATCH)),
        ("Mohammedlamin", "Invented", (CLOSE, MATCH)),
        ("Invented", "Mohammed Lamin", (CLOSE, CLOSE)),
        ("Invented", "Mohamed", (CLOSE, CLOSE)),
        ("Mohammed Lamin", "Invenetd", (MATCH, CLOSE)),
        ("Blessing", "Invented", (MISMATCH, MATCH)),
        (None, "Invented", (BLANK, MATCH)),
        ("Mohammed Lamin", None, (MATCH, BLANK)),
        ("Mohammed Lamin", "Al-Invented", (MATCH, MATCH)),
    ],
)
def test_names_are_compared_by_their_words_in_either_place(
    given: str | None, family: str | None, expected: tuple[Agreement, Agreement]
) -> None:
    assert fields(WHO, replace(WHO, given_names=given, family_name=family))[:2] == expected


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (date(1991, 5, 17), MATCH),
        (date(1992, 5, 17), CLOSE),
        (date(1981, 5, 17), CLOSE),
        (date(1991, 5, 11), CLOSE),
        (date(1991, 1, 1), CLOSE),
        (date(1993, 5, 17), CLOSE),
        (date(1983, 6, 18), MISMATCH),
        (None, BLANK),
    ],
)
def test_a_birth_date_may_be_a_slip_away(born: date | None, expected: Agreement) -> None:
    assert fields(WHO, replace(WHO, birth_date=born))[2] == expected


def test_day_and_month_may_be_swapped_and_what_is_coarsely_known_is_compared_coarsely() -> None:
    swapped = replace(WHO, birth_date=date(1991, 7, 5))
    assert fields(replace(WHO, birth_date=date(1991, 5, 7)), swapped)[2] is CLOSE
    for precision, born, expected in (
        (Precision.YEAR, date(1991, 1, 1), MATCH),
        (Precision.YEAR, date(1992, 1, 1), CLOSE),
        (Precision.YEAR, date(1994, 1, 1), MISMATCH),
        (Precision.MONTH, date(1991, 5, 1), MATCH),
        (Precision.MONTH, date(1991, 6, 1), CLOSE),
    ):
        assert fields(WHO, replace(WHO, birth_date=born, birth_date_precision=precision))[2] is expected, (precision, born)


def test_the_first_of_january_weighs_less_and_so_does_a_name_spelt_otherwise() -> None:
    """Thousands who do not know their day are registered on it; a transliteration is one of many."""
    on_new_year = replace(WHO, birth_date=date(1991, 1, 1))
    assert score(on_new_year, on_new_year) < score(WHO, WHO)
    assert score(WHO, replace(WHO, given_names="Muhammad Lamine")) < score(WHO, WHO)


def test_a_codice_fiscale_decides_and_a_provisional_one_says_nothing_of_a_definitive() -> None:
    other = replace(WHO, given_names="Blessing", birth_date=None)
    definitive, omocodia, provisional = "RSSMRA80A01H501U", "RSSMRA80A01H5LMS", "12345678903"
    same = compare(Known(WHO, definitive), Known(other, definitive))
    assert (same.fields.tax_code, same.band) == (MATCH, ScoreBand.VERY_LIKELY)
    assert compare(Known(WHO, definitive), Known(WHO, provisional)).fields.tax_code is BLANK
    assert compare(Known(WHO, definitive), Known(WHO, "no code")).fields.tax_code is BLANK
    assert code_keys(definitive).keys() & asked_keys(other, definitive).keys()
    assert code_keys(omocodia).keys() == code_keys("no code").keys() == set()


def test_twins_and_siblings_are_no_more_than_possible() -> None:
    """Family name, day and place are shared by those who are two persons; nobody is held up by a brother's record."""
    twin = replace(WHO, given_names="Blessing", sex=Sex.FEMALE)
    brother = replace(WHO, given_names="Kofi")
    for sibling in (twin, brother, replace(brother, birth_date=date(1995, 8, 2))):
        assert compare(Known(WHO), Known(sibling)).band not in TO_BE_DECIDED


@for_all(people, people)
def test_two_persons_compare_the_same_both_ways(one: Identity, other: Identity) -> None:
    assert compare(Known(one), Known(other)) == compare(Known(other), Known(one))


@for_all(people)
def test_everybody_is_very_much_like_themselves_and_found_by_their_own_keys(one: Identity) -> None:
    assert compare(Known(one), Known(one)).band in TO_BE_DECIDED
    assert identity_keys(one).keys() <= asked_keys(one, None).keys()


def test_a_slip_of_the_day_is_asked_for_too() -> None:
    """Whoever wrote the month first may have misheard both names as well."""
    slip = replace(WHO, given_names="Blessing", family_name="Another", birth_date=date(1991, 7, 5))
    kept = identity_keys(replace(WHO, birth_date=date(1991, 5, 7)))
    assert kept.keys() & asked_keys(slip, None).keys()
    assert not kept.keys() & asked_keys(replace(slip, birth_date=date(1991, 7, 6)), None).keys()


def test_nobody_of_the_demonstration_is_held_up() -> None:
    """Its people are many and invented of few syllables: whoever weighs anew must not stop it. Of those who look alike it says they do."""
    known: dict[str, tuple[Known, AbstractSet[str]]] = {}
    for command in plan(2020, 420).commands:
        if command.service == "intake" and command.path.endswith("/enrolment"):
            told = json.loads(command.body)
            one = Known(IdentityBody(**told["identity"]).identity(), told.get("tax_code"))
            keys = asked_keys(one.identity, one.tax_code).keys()
            like = {path: other for path, (other, theirs) in known.items() if keys & theirs}
            to_decide = [path for path, other in like.items() if compare(one, other).band in TO_BE_DECIDED]
            apart = command.left_open.apart_from
            assert to_decide == ([] if apart is None else [f"/beneficiaries/{apart}/enrolment"])
            known[command.path] = one, {**identity_keys(one.identity), **code_keys(one.tax_code)}.keys()
    assert len(known) > 420


@for_all(people, st.sampled_from(sorted(NOISES)), st.integers(0, 2**32))
def test_whoever_was_recorded_again_shares_a_key(one: Identity, noise: str, seed: int) -> None:
    """What shares no key is never looked at: each kind of noise leaves one."""
    second = NOISES[noise](one, random.Random(seed))
    assert identity_keys(one).keys() & asked_keys(second, None).keys(), (noise, one, second)


def test_of_those_recorded_again_nearly_all_are_to_be_decided_on_and_hardly_anybody_else() -> None:
    """The noise model's bar, for the weights that are in force: a correction of them must hold it."""
    dice = random.Random(20_260_301)
    crowd = [invent(dice) for _ in range(400)]
    told, held_up = Counter[bool](), 0
    for one in crowd:
        noisy = again(one, dice)
        if noisy.noise != "no-day":  # without a day there is too little: possible, and shown, but nobody is held up
            told[compare(Known(noisy.identity), Known(one)).band in TO_BE_DECIDED] += 1
        others = (other for other in dice.sample(crowd, 20) if other is not one)
        held_up += sum(compare(Known(noisy.identity), Known(other)).band in TO_BE_DECIDED for other in others)
    assert told[True] / told.total() > 0.85
    assert held_up == 0
