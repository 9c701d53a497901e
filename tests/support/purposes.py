"""The purposes for which each role acts, as `docs/reference/access.yaml` expects; tokens of tests name the first unless told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from contracts.purpose_codes import Purpose
from services._runtime.access.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).parents[2] / "docs" / "reference" / "access.yaml"

PURPOSES: Mapping[Role, tuple[Purpose, ...]] = {
    Role(role): tuple(map(Purpose, purposes)) for role, purposes in yaml.safe_load(FILE.read_text(encoding="utf-8"))["purposes"].items()
}


def usual_purpose(role: object) -> Purpose:
    """Return what somebody of a role acts for; who has no role that there is may name anything."""
    return PURPOSES[Role(role)][0] if isinstance(role, str) and role in set(Role) else Purpose.INTEGRATION
