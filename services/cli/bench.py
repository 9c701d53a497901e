"""`ancora bench`: each figure beside its floor or peer in the same run, on servers of its own; exit 1 below a bar."""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import TYPE_CHECKING

import typer
import uvloop
from rich.table import Table

from deploy.local.paths import default_home
from deploy.local.stack import STACK_ERRORS
from services._runtime.clock import SystemClock
from services._runtime.hosting.garbage import look_seldom
from services.cli.benchmarks import MEASURES
from services.cli.benchmarks.counts import Counts
from services.cli.benchmarks.ground import opened
from services.cli.benchmarks.machine import load, loads, machine
from services.cli.benchmarks.measuring import all_ok, told_figure
from services.cli.console import FAILED, MISUSED, OK, err, fail, out, part_progress
from services.cli.deployment import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.cli.benchmarks.measuring import Result


def run(*, as_json: bool, only: Sequence[str]) -> None:
    """Measure all, or only those named, and print the table; exit 1 where a bar is not cleared."""
    if unknown := set(only) - set(MEASURES):
        fail(f"there is no measure {', '.join(sorted(unknown))}: choose from {', '.join(MEASURES)}", MISUSED)
    look_seldom()
    before = load()
    err.print(f"before: {before.text()}")
    began = SystemClock().now()
    try:
        with told():
            results = uvloop.run(measured([name for name in MEASURES if not only or name in only]))
    except STACK_ERRORS as error:
        fail(str(error))
    after = load()
    err.print(f"after: {after.text()}")
    if as_json:
        when = began.isoformat(timespec="seconds")
        report = {"when": when, "machine": machine(), "load": loads(before, after), "results": [one.report() for one in results]}
        out.print_json(json.dumps(report))
    else:
        _print(results)
    raise typer.Exit(OK if all_ok(results) else FAILED)


async def measured(names: Sequence[str]) -> list[Result]:
    """Measure one after the other on ground of their own."""
    results: list[Result] = []
    async with opened(default_home(), part_progress()) as ground:
        for name in names:
            err.print(f"  {name} …")
            module = await asyncio.to_thread(importlib.import_module, f"services.cli.benchmarks.{name}")
            results += await module.measure(ground, Counts())
    return results


def _print(results: Sequence[Result]) -> None:
    table = Table("measure", "ours", "floor", "unit", "ratio", "of single pairs", "bar", "")
    for one in results:
        bar = f"at least {one.bar.at_least:g}" if one.bar.at_most is None else f"at most {one.bar.at_most:g}"
        single = f"{min(one.ratios):.2f} to {max(one.ratios):.2f}"
        verdict = "ok" if one.ok else "SHORT"
        table.add_row(one.name, told_figure(one.ours), told_figure(one.floor), one.unit, f"{one.ratio:.2f}", single, bar, verdict)
    out.print(table)
