"""The four services as the command knows them: their definitions, and the settings under which they run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.topics import FEEDS, SERVICES
from services._runtime.settings import RuntimeSettings
from services.cli.console import MISUSED, fail
from services.intake.main import intake_service
from services.pathways.main import pathways_service
from services.reporting.main import reporting_service
from services.tutors.main import tutors_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.hosting.service import Service
    from services.cli.deployment import Deployment


EVERY = "all"
"""What is said instead of a name where every one is meant."""


def chosen(service: str) -> Sequence[str]:
    """Return the names of the services that are meant by one's name or by `EVERY`; leave where it is neither."""
    return _chosen(service, "service", SERVICES)


def chosen_feeds(feed: str) -> Sequence[str]:
    """Return the names of the feeds that are meant by one's name or by `EVERY`; leave where it is neither."""
    return _chosen(feed, "feed", FEEDS)


def _chosen(name: str, kind: str, known: Sequence[str]) -> Sequence[str]:
    if name not in (*known, EVERY):
        fail(f"{name!r} is not a {kind}: give one of {', '.join(known)}, or {EVERY}", MISUSED)
    return known if name == EVERY else (name,)


def services() -> dict[str, Service]:
    """Return the definitions by name."""
    return {service.name: service for service in (intake_service(), pathways_service(), tutors_service(), reporting_service())}


def settings_of(deployment: Deployment, service: str) -> RuntimeSettings:
    """Return the settings of a service's process in this deployment."""
    environment = deployment.environment(service, {service: deployment.ports.known(service) or 0})
    values = {name.removeprefix("ANCORA_").lower(): value for name, value in environment.items() if name.startswith("ANCORA_")}
    return RuntimeSettings.model_validate(values)
