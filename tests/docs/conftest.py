"""A whole Ancora for the pages that are run, and how a page is run against it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import CHECKOUT

if TYPE_CHECKING:
    from tests.support.whole import Ancora

_COMMAND = """#!/bin/sh
PYTHONPATH={checkout} exec {python} -m services.cli.main "$@"
"""


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest) -> Path:
    """Give the data folder of a running Ancora: that of `ANCORA_TEST_HOME`, else of the session's own."""
    given = os.environ.get("ANCORA_TEST_HOME")
    if given:
        return Path(given).resolve()
    whole: Ancora = request.getfixturevalue("ancora")
    return whole.home.root


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
