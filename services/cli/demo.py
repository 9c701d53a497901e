"""`ancora demo`: two years of a generated caseload, lived through the public APIs like any client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.caseload import DemonstrationError, Summary, run_demonstration
from services.cli.console import err, fail, out
from services.cli.deployment import ISSUER, running, told
from services.cli.errors import DeploymentError

if TYPE_CHECKING:
    from services.cli.deployment import Deployment

__all__ = ["DemonstrationError", "fill", "run"]


def run(*, seed: int, persons: int) -> None:
    """Fill the running Ancora with a caseload; cut off and run again, it goes on where it was."""
    with told():
        deployment = running()
        if not deployment.development:
            raise DeploymentError(
                "the caseload lives by the demonstration clock, which is allowed beside the development issuer only: `./ancora up`"
            )
        try:
            asyncio.run(fill(deployment, seed=seed, persons=persons))
        except DemonstrationError as error:
            fail(str(error))


async def fill(deployment: Deployment, *, seed: int, persons: int) -> Summary:
    """Live the caseload of `seed` against the services, with a progress bar."""
    columns = (TextColumn("  caseload    "), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task("caseload", total=None)
        summary = await run_demonstration(
            intake_url=deployment.url("intake"),
            pathways_url=deployment.url("pathways"),
            tutors_url=deployment.url("tutors"),
            issuer_url=deployment.url(ISSUER),
            seed=seed,
            persons=persons,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            state_folder=deployment.home.root / "demonstration",
        )
    out.print(f"  caseload    {summary.text()}", markup=False)
    return summary
