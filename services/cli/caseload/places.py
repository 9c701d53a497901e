"""Where the caseload lives: the consortium's third-sector organisations, each in its own province, and how the persons share out."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.reference import consortium

_WEIGHTS = {
    "PR": 100, "NA": 120, "BO": 110, "TO": 90, "BS": 100, "BG": 80, "TS": 80, "BA": 70, "FI": 60, "VI": 50, "FE": 50, "BT": 30, "GO": 30,
    "CS": 30,
}  # fmt: skip
_ADMITTED_OF_A_THOUSAND = 883
"""How many persons are admitted with international protection: few enough that the national target stays just out of reach."""


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation with its part of the caseload, of which so many are admitted with international protection."""

    organisation: str
    province: str
    municipalities: tuple[str, ...]
    persons: int
    admitted: int


def places(persons: int) -> list[Place]:
    """Share so many persons out among the organisations."""
    reference = consortium()
    towns: dict[str, list[str]] = {}
    for town in reference.municipalities:
        towns.setdefault(town.province, []).append(town.istat)
    seats = [(each.code, each.province) for each in reference.organisations if each.province is not None]
    in_province = [sum(1 for _, other in seats if other == province) for _, province in seats]
    weights = [_WEIGHTS[province] / among for (_, province), among in zip(seats, in_province, strict=True)]
    shares = shared_out(persons, weights)
    admitted = shared_out(persons * _ADMITTED_OF_A_THOUSAND // 1000, [float(share) for share in shares])
    return [
        Place(organisation, province, tuple(sorted(towns.get(province, ()))), share, of_them)
        for (organisation, province), share, of_them in zip(seats, shares, admitted, strict=True)
    ]


def shared_out(total: int, weights: list[float]) -> list[int]:
    """Share a total out by weight, in whole numbers: the largest remainders are rounded up."""
    exact = [total * weight / (sum(weights) or 1) for weight in weights]
    shares = [int(each) for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
