"""The roles that a token may carry."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in Ancora; which role may do what stands in `policies/`."""

    CASE_WORKER = "case-worker"
    TEAM_COORDINATOR = "team-coordinator"
    CULTURAL_MEDIATOR = "cultural-mediator"
    TUTOR_COORDINATOR = "tutor-coordinator"
    TUTOR = "tutor"
    BENEFICIARY = "beneficiary"
    MUNICIPALITY = "municipality"
    AUDITOR = "auditor"
    FUNDER_CONTROLLER = "funder-controller"
    REPORTING_CONSUMER = "reporting-consumer"
    RESEARCHER = "researcher"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    LEAD_PARTNER = "lead-partner"
    ADMINISTRATOR = "administrator"
