"""What each agreement of two persons' fields weighs, as versioned data: correcting a weight is a new version and no new code.

Weights are bits, as in probabilistic record linkage (Fellegi and Sunter): how much likelier an agreement is where both records are one
person's than where they are not, as a power of two. What is blank weighs nothing. `prior` is how unlikely it is before anything is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.duplicate_codes import Agreement, ScoreBand


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What one field's agreement weighs."""

    match: float
    close: float = 0.0
    mismatch: float

    def of(self, agreement: Agreement) -> float:
        """Return the weight of an agreement."""
        match agreement:
            case Agreement.MATCH:
                return self.match
            case Agreement.CLOSE:
                return self.close
            case Agreement.MISMATCH:
                return self.mismatch
            case Agreement.BLANK:
                return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One version of all weights. `vague_birth_date` is for days that say less than they look: 1 January, or known to the year alone."""

    version: str
    prior: float
    given_names: Weights
    family_name: Weights
    birth_date: Weights
    vague_birth_date: Weights
    sex: Weights
    citizenship: Weights
    tax_code: Weights
    spelt_alike: float
    """From which likeness (Jaro and Winkler's, 0 to 1) on two words are close."""
    sounding_alike: float
    """The same, for words of one skeleton."""
    bands: tuple[tuple[float, ScoreBand], ...]
    """From which score on which band, highest first; what is below all is no candidate."""


MATCHER = Matcher(
    version="2026-1",
    prior=-14,
    given_names=Weights(match=6, close=4, mismatch=-4),
    family_name=Weights(match=6.5, close=4.5, mismatch=-4),
    birth_date=Weights(match=8, close=4.5, mismatch=-5),
    vague_birth_date=Weights(match=3, close=1.5, mismatch=-4),
    sex=Weights(match=1, mismatch=-3),
    citizenship=Weights(match=1.5, mismatch=-2),
    tax_code=Weights(match=30, mismatch=-8),
    spelt_alike=0.88,
    sounding_alike=0.7,
    bands=((0.95, ScoreBand.VERY_LIKELY), (0.7, ScoreBand.LIKELY), (0.3, ScoreBand.POSSIBLE)),
)
"""The version that compares now."""
