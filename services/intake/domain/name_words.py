"""How names are compared: their words without accents and case, and the skeleton that stays whichever way they are spelt in Latin letters.

Letters are decomposed (NFKD), accents dropped, Latin letters that have no accent to drop and the letters of `_SPELT` written as their
usual transliteration, case ignored; what is no letter or digit parts words, but apostrophes join them. A skeleton goes further: every
script is written in Latin letters, sounds that are spelt in many ways are spelt in one, and vowels are left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from anyascii import anyascii

_SPELT = {
    **{ord(letter): latin for letter, latin in zip("øłđðħŋəæœß", ("o", "l", "d", "d", "h", "n", "a", "ae", "oe", "ss"), strict=True)},
    ord("þ"): "th",
    ord("\N{LATIN SMALL LETTER DOTLESS I}"): "i",
}
_JOINING = re.compile("['`\u2018\u2019\u02bc\u02be\u02bf]")
_WORD = re.compile(r"[^\W_]+")
_SOUNDS = (
    (re.compile(r"ou(?=[aeio])|\bu(?=[aeio])|v"), "w"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"sch|sh|ch|sc(?=[ei])|tz|ts"), "s"),
    (re.compile(r"kh"), "h"),
    (re.compile(r"gh|gu(?=[ei])"), "g"),
    (re.compile(r"dh"), "d"),
    (re.compile(r"th"), "t"),
    (re.compile(r"dj|dg"), "j"),
    (re.compile(r"dz|z"), "s"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"q|c"), "k"),
    (re.compile(r"d"), "t"),
    (re.compile(r"h\b"), ""),
    (re.compile(r"[^a-z0-9]"), ""),
)
_VOWELS = re.compile(r"[aeiouy]")
_ARTICLES = frozenset({"al", "el", "ul", "ad", "as", "ar", "de", "di", "ould", "ben", "bin", "ibn"})
"""Words that some documents write and others leave out: they tell nobody from anybody."""
_REMEMBERED = 65_536


def in_order(text: str) -> tuple[str, ...]:
    """Return a text's words as they are compared, in their order."""
    folded = unicodedata.normalize("NFKD", _JOINING.sub("", text)).casefold().translate(_SPELT)
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return tuple(_WORD.findall(bare))


def words_of(text: str) -> frozenset[str]:
    """Return a text's words as they are compared."""
    return frozenset(in_order(text))


@lru_cache(_REMEMBERED)
def name_words(name: str | None) -> tuple[str, ...]:
    """Return the words that tell a person by a name: without articles, unless there is nothing else."""
    words = in_order(name or "")
    return tuple(word for word in words if word not in _ARTICLES) or words


@lru_cache(_REMEMBERED)
def latin(word: str) -> str:
    """Return a word in plain Latin letters, whatever it is written in."""
    return anyascii(word).casefold()


@lru_cache(_REMEMBERED)
def skeleton(word: str) -> str:
    """Return what stays of a word however it is spelt: its consonants, in order; where they are fewer than two, its first vowel too.

    >>> skeleton("mohammed") == skeleton("muhamad") == skeleton("mahamed")
    True
    """
    text = latin(word)
    for sound, spelling in _SOUNDS:
        text = sound.sub(spelling, text)
    text = "".join(letter for letter, _ in groupby(text))
    bones = _VOWELS.sub("", text)
    return bones if len(bones) > 1 else text[:1] + bones.removeprefix(text[:1])
