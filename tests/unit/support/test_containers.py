from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.support.containers import Images, NoContainersError, demand


def test_where_no_engine_answers_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without an engine, as on many machines, is no engine."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(NoContainersError, match="no container engine answers"):
        demand(Images())


def test_an_engine_that_hangs_is_given_up_within_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/silent.sock")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{tmp_path}/silent.sock")
        silent.listen()
        began = time.monotonic()
        with pytest.raises(NoContainersError, match="no container engine answers"):
            demand(Images(), patience_s=0.3)
    assert time.monotonic() - began < 5
