"""Examples of what the caseload never asks for: searches, many at once, erasures, emergencies, methodologies, parked records."""

from __future__ import annotations

from typing import Any

_IDENTITY = {"sex": "female", "given_names": "Selam", "family_name": "Prova", "birth_date": "1990-05-04", "citizenship": "ERI"}
_ID, _OTHER = "3e1a7f4e-2a0e-4f0a-9f0b-6a5b1c2d3e4f", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
_TARGET = {"receiver": "cidas", "territory": "FE", "reason": "Inventato: il servizio passa a C.I.D.A.S."}
_WHY = "Inventato: letto sul documento."
_DEFERRAL = {"ground": "legal-claims", "until": "2031-12-31", "reason": _WHY}

BY_HAND: dict[str, dict[str, dict[str, Any]]] = {
    "intake": {
        "/beneficiaries/{beneficiary_id}/duplicate-dismissals": {"reference": _OTHER, "reason": _WHY},
        "/beneficiaries/{beneficiary_id}/erasure-requests": {"reason": _WHY},
        "/beneficiaries/{beneficiary_id}/erasure-deferrals": _DEFERRAL,
        "/beneficiaries/{beneficiary_id}/erasure-approval": {"occurred_on": "2026-06-30"},
        "/beneficiary-searches": {"name": "selam prova"},
        "/duplicate-searches": {"identity": _IDENTITY},
        "/transfer-previews": {**_TARGET, "household_id": _ID},
        "/bulk-transfers": {**_TARGET, "beneficiary_ids": [_ID, _OTHER]},
        "/emergency-accesses/{emergency_id}": {"beneficiary_id": _ID, "ground": "hospital", "words": "Inventato: ricovero d'urgenza."},
        "/emergency-accesses/{emergency_id}/review": {"outcome": "justified", "words": "Inventato: il ricovero risulta."},
    },
    "pathways": {
        "/methodologies/{version}/proposal": {"content_sha256": "ab" * 32},
        "/methodologies/{version}/endorsements": {"occurred_on": "2026-06-30"},
    },
    "tutors": {
        "/assignments/{assignment_id}/volunteers": {"volunteer_id": _ID},
        "/assignments/{assignment_id}/volunteer-departures": {"volunteer_id": _ID},
        "/tutors/{tutor_id}/erasure-requests": {"reason": _WHY},
        "/tutors/{tutor_id}/erasure-deferrals": _DEFERRAL,
        "/tutors/{tutor_id}/erasure-approval": {"occurred_on": "2026-06-30"},
    },
}
"""Service → address → body."""
