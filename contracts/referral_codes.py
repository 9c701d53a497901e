"""The codes in which a referral speaks: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class Referrer(StrEnum):
    """Who refers a person. What a reception centre or the person says is entered by the organisation that receives it."""

    MUNICIPALITY = "municipality"
    ORGANISATION = "organisation"
    RECEPTION_CENTRE = "reception-centre"
    THE_PERSON = "the-person"


class DeclineReason(StrEnum):
    """Why an organisation does not take a referral; words are sealed."""

    NO_CAPACITY = "no-capacity"
    OUTSIDE_TERRITORY = "outside-territory"
    NOT_ELIGIBLE = "not-eligible"
    ALREADY_IN_CARE = "already-in-care"
    PERSON_UNWILLING = "person-unwilling"
    PERSON_UNREACHABLE = "person-unreachable"
    OTHER = "other"
