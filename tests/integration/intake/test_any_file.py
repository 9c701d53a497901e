"""Any bytes at all, sent as a file: a clear problem, or an outcome for each row, never a 5xx."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.adapters.enrolment_rows import ITALIAN
from tests.integration.intake.test_enrolment_files_in import sent
from tests.support.enrolment_files import SELAM, as_csv
from tests.support.intake_worlds import IntakeWorld, intake_world

CELLS = st.text(max_size=12) | st.sampled_from(
    ["", *(str(value) for value in SELAM.values()), "2099-01-01", "31/02/2020", "034027", "3", "x@y"]
)
ROWS = st.lists(st.dictionaries(st.sampled_from(list(ITALIAN)), CELLS, max_size=12).map(lambda changes: SELAM | changes), max_size=4)
FILES = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")) | ROWS.map(as_csv)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(raw=FILES)
async def test_any_file_has_a_clear_problem_or_an_outcome_for_each_row(raw: bytes) -> None:
    """The preview and the run say the same; nothing that was sent comes back but what rows are called."""
    async with intake_world(None) as world:
        await _asked(world, raw)


async def _asked(world: IntakeWorld, raw: bytes) -> None:
    would_status, would = await sent(world, raw)
    status, did = await sent(world, raw, key="run-1")
    assert would_status == status < 500
    if status == 200:
        assert [one["outcome"] for one in would["items"]] == [one["outcome"] for one in did["items"]]
        assert all(one["code"] and one["detail"] for one in did["items"] if one["outcome"] in ("refused", "waiting"))
    else:
        assert did["type"].startswith("urn:ancora:problem:")
        assert did["detail"]
