"""What fuzzing looks for is noticed, and what it puts into requests is there: a check that cannot fail would find nothing for ever."""

from __future__ import annotations

import importlib
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.fuzzing import PLANTED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Load what Schemathesis is told, with one canary and one id planted."""
    planted = tmp_path / "planted.json"
    planted.write_text(json.dumps({"canaries": ["Canarino"], "ids": {"tutor_id": ["an-id"]}}), encoding="utf-8")
    monkeypatch.setenv(PLANTED, str(planted))
    yield importlib.import_module("tests.fuzzing.hooks")
    del sys.modules["tests.fuzzing.hooks"]


@pytest.mark.parametrize(
    ("content", "headers"),
    [(b'{"name":"Canarino"}', {}), (b"", {"location": ["/tutors/Canarino"]})],
    ids=["in the body", "in a header"],
)
def test_what_another_organisation_recorded_is_noticed_in_an_answer(hooks: Any, content: bytes, headers: dict[str, list[str]]) -> None:  # noqa: ANN401 - a module
    answer = SimpleNamespace(content=content, headers=headers)
    with pytest.raises(AssertionError, match="another organisation"):
        hooks.tells_nothing_of_another_organisation(None, answer, None)
    hooks.tells_nothing_of_another_organisation(None, SimpleNamespace(content=b"{}", headers={}), None)


def test_ids_that_exist_and_headers_that_commands_need_are_in_most_requests(hooks: Any) -> None:  # noqa: ANN401 - as above
    """Others stay as they were made up, so that strange ones are tried too."""
    paths = [hooks.map_path_parameters(None, {"tutor_id": f"made-up-{n}"}) for n in range(200)]
    assert 100 < sum(path == {"tutor_id": "an-id"} for path in paths) < 190
    assert hooks.map_path_parameters(None, {"other_id": "made-up"}) == {"other_id": "made-up"}
    told = [cast("dict[str, str]", hooks.map_headers(None, {"X": str(n)})) for n in range(200)]
    assert 100 < sum("If-Match" in headers for headers in told) < 190
