"""The codes in which intake's events speak: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class Sex(StrEnum):
    """As the funder asks for it, with a third value where neither is stated."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class AgeBand(StrEnum):
    """Age in whole years on the day of admission, in the funder's three bands."""

    UNDER_18 = "<18"
    FROM_18_TO_60 = "18-60"
    OVER_60 = ">60"


class ProtectionStatus(StrEnum):
    """The status a person holds; the first two are international protection, the others are recorded and are not."""

    REFUGEE = "refugee"
    SUBSIDIARY = "subsidiary-protection"
    SPECIAL = "special-protection"
    SPECIAL_CASES = "special-cases"
    TEMPORARY = "temporary-protection"
    APPLICANT = "asylum-applicant"


class EligibilityOutcome(StrEnum):
    """What a versioned policy says of a person on a day."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not-eligible"
    PENDING_EVIDENCE = "pending-evidence"
    BY_DEROGATION = "by-derogation"


class NoticeChannel(StrEnum):
    """How the privacy notice was given."""

    IN_WRITING = "in-writing"
    ORALLY = "orally"
    RECORDED = "recorded"


class ExitReason(StrEnum):
    """Why care ends, as a code; words are sealed."""

    PATHWAY_COMPLETED = "pathway-completed"
    MOVED_AWAY = "moved-away"
    WITHDREW = "withdrew"
    UNREACHABLE = "unreachable"
    OTHER_SERVICE = "other-service"
    DECEASED = "deceased"
    OTHER = "other"


class Destination(StrEnum):
    """Where the person lives or goes when care ends."""

    OWN_HOME = "own-home"
    SHARED_HOME = "shared-home"
    RELATIVES_OR_FRIENDS = "relatives-or-friends"
    RECEPTION = "reception"
    OTHER_COUNTRY = "other-country"
    UNKNOWN = "unknown"


class LeaveReason(StrEnum):
    """Why a person leaves a programme without leaving care, or with it."""

    PROGRAMME_ENDED = "programme-ended"
    OTHER_PROGRAMME = "other-programme"
    EXIT = "exit"
    WITHDREW = "withdrew"


class SpecialNeed(StrEnum):
    """A special need in the sense of art. 21 of Directive 2013/33/EU; always sealed."""

    MINOR = "minor"
    UNACCOMPANIED_MINOR = "unaccompanied-minor"
    SINGLE_PARENT = "single-parent"
    PREGNANCY = "pregnancy"
    DISABILITY = "disability"
    OLDER_PERSON = "older-person"
    SERIOUS_ILLNESS = "serious-illness"
    MENTAL_HEALTH = "mental-health"
    TORTURE_OR_VIOLENCE = "torture-or-violence"
    TRAFFICKING = "trafficking"
    OTHER = "other"


class FamilyRelation(StrEnum):
    """What a person is in a household."""

    HEAD = "head"
    PARTNER = "partner"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    OTHER = "other"


class DocumentKind(StrEnum):
    """Kinds of documents whose particulars are kept (never a copy)."""

    RESIDENCE_PERMIT = "residence-permit"
    TRAVEL_DOCUMENT = "travel-document"
    IDENTITY_CARD = "identity-card"
    PASSPORT = "passport"
    HEALTH_CARD = "health-card"
    OTHER = "other"


class AliasKind(StrEnum):
    """What another name is to a person: their name spelt or written otherwise, on another document, before, or in use beside it."""

    TRANSLITERATION = "transliteration"
    AS_ON_DOCUMENT = "as-on-document"
    EARLIER_NAME = "earlier-name"
    ALSO_KNOWN_AS = "also-known-as"


class AliasFault(StrEnum):
    """Why another name is taken back."""

    ENTERED_BY_MISTAKE = "entered-by-mistake"
    WRONG_PERSON = "wrong-person"
    NOT_TO_BE_USED = "not-to-be-used"
