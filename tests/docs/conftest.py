"""A whole Ancora for the pages that are run, and how a page is run against it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import CHECKOUT, Home
from tests.journeys.instance import Ancora

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMAND = """#!/bin/sh
PYTHONPATH={checkout} exec {python} -m services.cli.main "$@"
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Give the data folder of a running Ancora: that of `ANCORA_TEST_HOME`, else of one of our own, empty, ended afterwards."""
    given = os.environ.get("ANCORA_TEST_HOME")
    if given:
        yield Path(given).resolve()
        return
    whole = Ancora(Home(CHECKOUT / "build" / "test-docs"))
    whole.provide_jars(CHECKOUT / "build" / "test-stack" / "jars")
    assert whole.run("down").returncode == 0
    try:
        whole.start("--reset")
        yield whole.home.root
    finally:
        whole.run("down")


@pytest.fixture
def reader_folder(tmp_path: Path) -> Path:
    """Give a folder in which a reader may say `./ancora`: the command of this environment, without installing anything."""
    command = tmp_path / "ancora"
    command.write_text(_COMMAND.format(checkout=CHECKOUT, python=sys.executable))
    command.chmod(0o755)
    return tmp_path


@pytest.fixture
def reader_environment(home: Path) -> dict[str, str]:
    """Give the environment of a reader whose Ancora is the one in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
    return kept | {"ANCORA_HOME": str(home)}
