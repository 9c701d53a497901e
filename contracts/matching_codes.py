"""The code lists of the events about matching: what travels clear says nothing of what a person is like, only how well two fit."""

from __future__ import annotations

from enum import StrEnum


class Interest(StrEnum):
    """What people like to do; the same list for both sides. Always sealed: together, interests describe a person."""

    COOKING = "cooking"
    CRAFTS = "crafts"
    CULTURE = "culture"
    FAMILY = "family"
    GARDENING = "gardening"
    LANGUAGES = "languages"
    MUSIC = "music"
    NATURE = "nature"
    READING = "reading"
    SPORT = "sport"
    TECHNOLOGY = "technology"
    VOLUNTEERING = "volunteering"


class TimeSlot(StrEnum):
    """When in the week somebody has time. Always sealed."""

    WEEKDAY_MORNING = "weekday_morning"
    WEEKDAY_AFTERNOON = "weekday_afternoon"
    WEEKDAY_EVENING = "weekday_evening"
    WEEKEND = "weekend"


class MatchOrigin(StrEnum):
    """How a match came about: weighed beside all others, or found and agreed by the people themselves before it was recorded."""

    MATCHING = "matching"
    AGREED_OUTSIDE = "agreed_outside"


class MatchParty(StrEnum):
    """Who accepts or declines. The organisation can only decline: the two who are to meet accept for themselves."""

    TUTOR = "tutor"
    BENEFICIARY = "beneficiary"
    ORGANISATION = "organisation"


class MatchDeclineReason(StrEnum):
    """Why a match was declined; each says how long it holds (`Holding`). What led to it is sealed, in the event's notes."""

    NOT_WANTED = "not_wanted"
    NO_TIME = "no_time"
    NOT_NOW = "not_now"
    NO_FIRST_MEETING = "no_first_meeting"
    PROPOSED_IN_ERROR = "proposed_in_error"


class Holding(StrEnum):
    """How long a decline keeps the pair from being proposed again.

    `WHILE_AVAILABILITY`: until the tutor next says what they can take on. `NOT_AT_ALL`: nobody of the two declined anything.
    """

    FOR_GOOD = "for_good"
    WHILE_AVAILABILITY = "while_availability"
    UNTIL = "until"
    NOT_AT_ALL = "not_at_all"
