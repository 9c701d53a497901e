"""`ancora status`: what runs, how far each feed and read model is, and what waits for a person."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import typer
from rich.table import Table

from contracts.topics import SERVICES
from deploy.local.paths import default_home
from deploy.local.supervision import State, read_snapshot
from services.cli.console import FAILED, OK, out
from services.cli.deployment import running, told
from services.cli.errors import DeploymentError

if TYPE_CHECKING:
    from deploy.local.supervision import ProcessStatus
    from services.cli.deployment import Deployment

NOT_ANSWERING = "not answering"


def run(*, as_json: bool) -> None:
    """Print the status; exit 1 where a service does not answer or a read model has stopped."""
    with told():
        report = asyncio.run(collect(running()))
    if as_json:
        out.print_json(json.dumps(report))
    else:
        _print(report)
    well = all(service["state"] == State.RUNNING for service in report["services"])
    well = well and not any(model["stopped"] for model in report["models"])
    raise typer.Exit(OK if well else FAILED)


async def collect(deployment: Deployment) -> dict[str, Any]:
    """Return the status of every service, asked over HTTP, with what their supervisor knows of their processes."""
    supervised = {status.name: status for status in read_snapshot(default_home())}
    async with httpx.AsyncClient(timeout=5) as client:
        answers = await asyncio.gather(*(_ask(client, deployment, service) for service in SERVICES))
    return {
        "services": [_service(name, supervised.get(name), answer) for name, answer in zip(SERVICES, answers, strict=True)],
        "models": [
            {"service": name, **model} for name, answer in zip(SERVICES, answers, strict=True) for model in answer.get("models", [])
        ],
    }


async def _ask(client: httpx.AsyncClient, deployment: Deployment, service: str) -> dict[str, Any]:
    try:
        answer = await client.get(f"{deployment.url(service)}/status")
        content: dict[str, Any] = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError, DeploymentError):
        return {}
    return content


def _service(name: str, supervised: ProcessStatus | None, answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "state": _state(supervised, answer),
        "pid": supervised.pid if supervised else None,
        "restarts": supervised.restarts if supervised else 0,
        "kinds": answer.get("kinds", []),
        "events": answer.get("events"),
        "feed_position": answer.get("feed_position"),
        "relay_lag": answer.get("relay_lag"),
        "partitions": answer.get("partitions", []),
        "parked": answer.get("parked"),
        "parking": answer.get("parking", []),
    }


def _state(supervised: ProcessStatus | None, answer: dict[str, Any]) -> str:
    """Return how a service is: a process that runs and does not answer is not running for those who need it."""
    if answer:
        return str(State.RUNNING)
    return NOT_ANSWERING if supervised is None or supervised.state is State.RUNNING else str(supervised.state)


def _print(report: dict[str, Any]) -> None:
    services = Table("service", "state", "restarts", "events", "feed", "relay lag", "slowest partition", "parked", box=None)
    for one in report["services"]:
        ages = [partition["progress_age_s"] for partition in one["partitions"]]
        cells = (one["state"], one["restarts"], one["events"], one["feed_position"], one["relay_lag"])
        services.add_row(one["name"], *map(_text, cells), f"{max(ages):.0f} s" if ages else "-", _text(one["parked"]))
    models = Table("read model", "service", "version", "position", "lag", "building", box=None)
    for model in report["models"]:
        models.add_row(model["name"], model["service"], *map(_text, (model["version"], model["position"], model["lag"], model["building"])))
    out.print(services)
    out.print(models)
    for one in (parking for service in report["services"] for parking in service["parking"]):
        out.print(_waits(one), style="red", markup=False)
    for model in report["models"]:
        if model["stopped"]:
            out.print(f"{model['name']} has stopped: {model['stopped']}", style="red", markup=False)


def _waits(parking: dict[str, Any]) -> str:
    held = f", which hold back {parking['keys']} keys" if parking["keys"] else ""
    oldest = timedelta(seconds=round(parking["oldest_age_s"]))
    return f"{parking['consumer']} has parked {parking['parked']}{held}, the oldest {oldest} ago: see `./ancora parked list`"


def _text(value: object) -> str:
    return "-" if value is None else str(value)
