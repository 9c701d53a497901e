"""The page of the state machines' rules and the patches that break them name each other."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from deploy.local.paths import CHECKOUT
from tests.sabotage.trial import sabotages

PAGE = CHECKOUT / "docs" / "explanation" / "state-machines.md"
PATCHES = Path(__file__).parent
_RULE = re.compile(r"`((?:rule|trap|i\d+)-[a-z0-9-]+)`")
_MACHINES = ("rule-person-", "rule-transfer-", "rule-pathway-", "rule-joined-", "rule-across-")


def test_every_rule_of_a_machine_has_its_patch_and_every_patch_its_rule() -> None:
    """A rule without one may be broken unnoticed; a patch that no rule names is of a rule that nobody reads of."""
    named = set(_RULE.findall(PAGE.read_text(encoding="utf-8")))
    there = {patch.stem for patch in PATCHES.glob("*.patch")}

    assert named <= there, "the page names patches that are not there"
    assert {one for one in there if one.startswith(_MACHINES)} <= named, "these patches break a rule that the page does not list"


def test_every_row_of_a_rule_names_a_patch() -> None:
    """The table's last column is not left empty."""
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and not line.startswith(("| Rule", "| ---"))
    ]

    assert rows
    assert not [row for row in rows if not _RULE.search(row.rsplit("|", 2)[1])]


def test_no_patch_leaves_it_to_chance_whether_it_is_noticed() -> None:
    """What Hypothesis draws may pass a breach by: the test that a patch names meets it in so many words, or in an `@example`."""
    searched = {one.patch.stem: one.test for one in sabotages(PATCHES) if _only_searches(_named(one.test))}

    assert not searched, "name a test of the rule's own, or give this one an `@example` that fails under the patch"


def _named(test: str) -> Any:  # noqa: ANN401 - a test is a function of any kind
    path, *names = test.split("::")
    found: Any = import_module(path.removesuffix(".py").replace("/", "."))
    for name in names:
        found = getattr(found, name.partition("[")[0])
    return found


def _only_searches(test: Any) -> bool:  # noqa: ANN401
    return getattr(test, "is_hypothesis_test", False) and not getattr(test, "hypothesis_explicit_examples", ())
