"""The reference pages are what the code says, and every link of the documentation leads somewhere."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from deploy.local.paths import CHECKOUT
from services._runtime.settings import RuntimeSettings
from services.cli.benchmarks import MEASURES
from services.cli.main import app
from tests.docs.describe_benchmarks import REPORT
from tests.docs.describe_http import http_page
from tests.docs.generate import FOLDER, PAGES, README, rendered, with_figures

if TYPE_CHECKING:
    from pathlib import Path

    from typer import Typer

WRITTEN = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CHECK = re.compile(r'"(?P<whole>(?:store|feed|kafka|journal|model|coverage)\.[a-z-]+)"|f"\{place\}\.(?P<placed>[a-z]+)"')


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_what_the_code_says(page: str) -> None:
    assert (FOLDER / page).read_text(encoding="utf-8") == rendered(page), "run `python -m tests.docs.generate` and commit"


def test_the_readmes_figures_are_those_of_the_report() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_figures(text) == text, "run `python -m tests.docs.generate` and commit"


def test_the_report_has_every_measure() -> None:
    """None is left out because its figure does not please."""
    names = [one["name"] for one in json.loads(REPORT.read_text(encoding="utf-8"))["results"]]

    assert not [measure for measure in MEASURES if not any(name.startswith(measure) for name in names)]


def test_no_page_of_an_event_is_left_over() -> None:
    """An event has its page, and what is no event has none."""
    assert {f"events/{page.name}" for page in (FOLDER / "events").iterdir()} == {page for page in PAGES if page.startswith("events/")}


def test_every_command_and_setting_is_described() -> None:
    """The generator leaves none out: names are compared with those that typer and pydantic know."""
    commands = _names(app) | {f"{group.name} {name}" for group in app.registered_groups for name in _names(group.typer_instance)}
    groups = {str(group.name) for group in app.registered_groups}
    described = set(re.findall(r"^##+ `ancora ([a-z]+(?: [a-z-]+)?)", rendered("commands.md"), re.MULTILINE))
    variables = set(re.findall(r"^\| `(ANCORA_[A-Z_]+)`", rendered("configuration.md"), re.MULTILINE))

    assert described == commands | groups
    assert {f"ANCORA_{name.upper()}" for name in RuntimeSettings.model_fields} <= variables


def test_every_endpoint_says_who_may_call_it() -> None:
    """I8, coarsely: no endpoint of the overview is without roles, so none is open by oversight."""
    endpoints = re.findall(r"^\| (?:GET|POST) \| `([^`]+)` \| [^|]+ \| ([^|]*) \|$", http_page(), re.MULTILINE)

    assert len(endpoints) > 60
    assert not [path for path, roles in endpoints if not roles.strip() or "no token" in roles]


def test_every_check_of_verify_is_explained() -> None:
    cells = re.findall(r"^\| (`[^|]+) \|", _text("docs/how-to/verify-and-read-findings.md"), re.MULTILINE)
    explained = {check for cell in cells for check in re.findall(r"`([^`]+)`", cell)}

    assert explained == _checks_in(CHECKOUT / "services" / "cli" / "verification")


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_a_link_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))) if "://" not in link]
    lost = [link for link in links if not (page.parent / unquote(link.partition("#")[0])).exists()]

    assert not lost


def test_the_index_names_every_page() -> None:
    index = _text("docs/README.md")
    pages = [page for page in CHECKOUT.glob("docs/*/*.md") if page.parent.name != "adr"]

    assert not [page.name for page in pages if f"({page.relative_to(CHECKOUT / 'docs')})" not in index]


def _names(of: Typer | None) -> set[str]:
    commands = [] if of is None else of.registered_commands
    return {str(command.name or getattr(command.callback, "__name__", "")) for command in commands}


def _text(path: str) -> str:
    return (CHECKOUT / path).read_text(encoding="utf-8")


def _checks_in(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in folder.glob("*.py"):
        for match in _CHECK.finditer(file.read_text(encoding="utf-8")):
            found |= {match["whole"]} if match["whole"] else {f"{place}.{match['placed']}" for place in ("kafka", "journal")}
    return found
