"""Alarms and dashboard: they ask for metrics and labels that there are, and each alarm is explained and tried."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml

from deploy.local.paths import CHECKOUT
from services._runtime.observing.metrics import Metrics

FOLDER = CHECKOUT / "deploy" / "observability"
RUNBOOK = "docs/how-to/respond-to-alarms.md"

_METRIC = re.compile(r"\b(?:ancora|process)_[a-z_]+")
_MATCHER = re.compile(r"\b(ancora_[a-z_]+)\{([^}]*)\}")
_LABEL = re.compile(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"')
_GROUPED = re.compile(r"\bby \(([a-z, ]+)\)")

OF_TARGETS = {"job", "service", "instance"}
"""Labels that whoever scrapes adds."""


@cache
def exposed() -> dict[str, set[str]]:
    """Return the names of all series, each with the labels of its metric."""
    series: dict[str, set[str]] = {}
    for metric in Metrics().described:
        suffixes = ("_bucket", "_count", "_sum") if metric.kind == "histogram" else ("",)
        series |= {f"{metric.name}{suffix}": {*metric.labels, *(("le",) if suffix == "_bucket" else ())} for suffix in suffixes}
    return series | {"process_resident_memory_bytes": set(), "process_cpu_seconds_total": set()}


def alarms() -> list[dict[str, Any]]:
    """Return the rules."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    """Return every expression of the rules and of the dashboard."""
    panels = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    shown = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return [*(rule["expr"] for rule in alarms()), *shown]


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_asks_for_what_there_is(expression: str) -> None:
    """A renamed metric or label would else leave an alarm that is never raised."""
    named = set(_METRIC.findall(expression))
    assert named <= set(exposed())
    for name, matchers in _MATCHER.findall(expression):
        assert set(_LABEL.findall(matchers)) <= exposed()[name] | OF_TARGETS
    kept = set().union(*(exposed()[name] for name in named)) | OF_TARGETS
    assert {label.strip() for labels in _GROUPED.findall(expression) for label in labels.split(",")} <= kept


def test_what_the_rules_are_tried_with_are_series_that_there_are() -> None:
    tried = yaml.safe_load((FOLDER / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    for series in (one["series"] for test in tried for one in test["input_series"] if not one["series"].startswith("up{")):
        name, labels = series.split("{")[0], set(_LABEL.findall(series))
        assert exposed()[name] <= labels | {"method", "route", "status", "aggregate", "outcome"}
        assert labels <= exposed()[name] | OF_TARGETS


@pytest.mark.parametrize("alarm", alarms(), ids=lambda alarm: alarm["alert"])
def test_an_alarm_says_what_it_means_and_what_to_do_and_is_tried(alarm: dict[str, Any]) -> None:
    """In its annotations, in a section of the page that it names, and in a test that raises it."""
    name = alarm["alert"]
    assert alarm["labels"]["severity"] in {"critical", "warning"}
    assert set(alarm["annotations"]) == {"summary", "meaning", "action", "runbook"}
    assert alarm["annotations"]["runbook"] == f"{RUNBOOK}#{name.lower()}"
    assert f"\n## {name}\n" in (CHECKOUT / RUNBOOK).read_text(encoding="utf-8")
    assert f'alertname="{name}"' in (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")


def test_no_section_is_about_an_alarm_that_is_no_more() -> None:
    sections = re.findall(r"^## (Ancora\w+)$", (CHECKOUT / RUNBOOK).read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == [alarm["alert"] for alarm in alarms()]


def test_every_service_is_scraped() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    targets = config["scrape_configs"][0]["static_configs"]
    assert [target["labels"]["service"] for target in targets] == ["intake", "pathways", "tutors", "reporting"]
