"""Describes what `ancora bench` measured: from the report that it printed, which is committed beside the page, and from the measures."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from deploy.local.paths import CHECKOUT
from services.cli.benchmarks import MEASURES
from services.cli.benchmarks.measuring import told_figure
from tests.docs.tables import code, row

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT = CHECKOUT / "docs" / "reference" / "benchmarks.json"
COMMAND = "./ancora bench --json > docs/reference/benchmarks.json"

_HEAD = f"""# Benchmarks

`./ancora bench` measures each figure beside its floor or peer, in the same run, on the same work: absolute figures tell of the machine,
ratios of Ancora ([decision 10](../adr/0010-benchmarks-are-ratios.md)). Ours and the floor run in turn; figures are medians; the spread
is that of the single pairs. `SHORT` is a bar that was not reached. The figures here are the report of one run of

```
{COMMAND}
```
"""


def benchmarks_page() -> str:
    """Return the page."""
    return "\n".join((_HEAD, *measured(), "", "## What is compared", *_explained()))


def measured() -> Iterator[str]:
    """Yield when and on what it was measured, and the table."""
    report: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
    machine, load = report["machine"], report["load"]["before"]
    yield (
        f"Measured on {report['when'][:10]} on {machine['cores']} cores ({machine['processor']}) with {machine['memory_gib']:g} GiB; "
        f"before it the machine had a load of {load['average']:g}."
    )
    if (added := report.get("added")) is not None:
        # Measures that are younger than the whole run, until the next whole run.
        names = " and ".join(code(name) for name in added["measures"])
        yield f"{names} were measured on {added['when'][:10]}, before which it had a load of {added['load']['before']['average']:g}."
    yield ""
    yield row("Measure", "Ours", "Floor or peer", "Unit", "Ratio", "Spread", "Bar", "")
    yield row("---", *["---:"] * 2, "---", *["---:"] * 2, *["---"] * 2)
    for one in report["results"]:
        bar = f"≥ {one['at_least']:g}" if "at_least" in one else f"≤ {one['at_most']:g}"
        spread = " to ".join(f"{end:.2f}" for end in one["spread"])
        figures = (told_figure(one["ours"]), told_figure(one["floor"]), one["unit"], f"{one['ratio']:.2f}", spread)
        yield row(code(one["name"]), *figures, bar, "ok" if one["ok"] else "SHORT")


def _explained() -> Iterator[str]:
    for name in MEASURES:
        said = (import_module(f"services.cli.benchmarks.{name}").__doc__ or "").strip()
        yield f"\n### {code(name)}\n\n{said}"
