"""Where a person is: provinces of the consortium, and of all municipalities the four whose code may travel clear."""

from __future__ import annotations

from contracts.errors import Invalid
from contracts.reference import consortium


class UnknownTerritory(Invalid):
    """The province is none of the consortium's."""

    code = "unknown-territory"


def territory(province: str) -> str:
    """Return the province's code; raises `UnknownTerritory` where the consortium does not work there."""
    if province not in consortium().provinces:
        raise UnknownTerritory(f"the consortium works in {', '.join(sorted(consortium().provinces))}: check the province")
    return province


def clear_and_sealed(istat: str | None) -> tuple[str | None, str | None]:
    """Return a municipality's ISTAT code as (clear, None) where it is a partner of the consortium, else as (None, sealed)."""
    partner = any(each.istat == istat for each in consortium().municipalities)
    return (istat, None) if partner else (None, istat)
