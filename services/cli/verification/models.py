"""Every read model against its replay, by row hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services._runtime.projecting.hashing import compare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.port import Reader
    from services._runtime.projecting.source import Source
    from services.cli.verification.findings import Findings


async def check_models(service: str, models: Iterable[ReadModel[Any]], source: Source, reader: Reader, findings: Findings) -> None:
    """Fold each model's source anew in memory and compare the rows' hash with that of the stored rows."""
    for model in models:
        where = f"{service} {model.name}"
        try:
            compared = await compare(model, source, reader)
        except (ValueError, LookupError) as error:
            # A source that does not reach the rows' position, or an event that cannot be folded.
            findings.add("model.replay", where, "a replay up to the rows' position", error)
            continue
        findings.equal("model.rows", f"{where} at {compared.position}", compared.expected, compared.found)
    findings.checked[f"{service}.models"] = len(list(models))
