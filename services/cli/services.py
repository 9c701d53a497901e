"""The four services as the command knows them: their definitions, and the settings under which they run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.settings import RuntimeSettings
from services.intake.main import INTAKE
from services.pathways.main import PATHWAYS
from services.reporting.main import REPORTING
from services.tutors.main import TUTORS

if TYPE_CHECKING:
    from services._runtime.hosting.service import Service
    from services.cli.deployment import Deployment

SERVICES: dict[str, Service] = {service.name: service for service in (INTAKE, PATHWAYS, TUTORS, REPORTING)}


def settings_of(deployment: Deployment, service: str) -> RuntimeSettings:
    """Return the settings of a service's process in this deployment."""
    environment = deployment.environment(service, {service: deployment.ports.known(service) or 0})
    values = {name.removeprefix("ANCORA_").lower(): value for name, value in environment.items() if name.startswith("ANCORA_")}
    return RuntimeSettings.model_validate(values)
