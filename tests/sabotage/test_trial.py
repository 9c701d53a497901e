"""The trial of a sabotage: what a patch must say and do before its test counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.sabotage.run import ROOT
from tests.sabotage.trial import INVARIANTS, Sabotage, Unproved, apply, sabotages

HEADER = "# invariant: I3\n# breaks: the order\n# test: tests/x.py::test_y[a: b]\n\n"
DIFF = "--- a/kept/one.txt\n+++ b/kept/one.txt\n@@ -1 +1 @@\n-in order\n+in disorder\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a copy that lies in an ignored folder of a repository, as the real ones do."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    copy = tmp_path / "build" / "copy"
    for name in ("kept", "tests"):
        (copy / name).mkdir(parents=True)
        (copy / name / "one.txt").write_text("in order\n")
    return copy


def written(folder: Path, text: str) -> Path:
    patch = folder / "a.patch"
    patch.write_text(text)
    return patch


def test_a_patch_says_what_it_breaks_and_who_must_notice(tmp_path: Path) -> None:
    patch = written(tmp_path, HEADER + DIFF + "+# test: in the diff, which says nothing\n")
    assert sabotages(tmp_path) == [Sabotage(patch, "I3", "the order", "tests/x.py::test_y[a: b]")]


@pytest.mark.parametrize("line", HEADER.splitlines()[:3])
def test_a_patch_that_does_not_say_it_all_is_refused(tmp_path: Path, line: str) -> None:
    written(tmp_path, HEADER.replace(f"{line}\n", "") + DIFF)
    with pytest.raises(Unproved, match=line.partition(":")[0]):
        sabotages(tmp_path)


def test_a_patch_that_takes_a_file_away_is_refused(tmp_path: Path) -> None:
    """It would be noticed without any test of the promise."""
    written(tmp_path, HEADER + "--- a/kept/one.txt\n+++ b/kept/one.txt\n@@ -1 +0,0 @@\n-in order\n")
    with pytest.raises(Unproved, match="takes a file away"):
        sabotages(tmp_path)


def test_a_promise_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    written(tmp_path, HEADER.replace("I3", "I33"))
    with pytest.raises(Unproved, match="I33"):
        sabotages(tmp_path)


def test_a_patch_changes_a_copy_that_lies_inside_a_repository(tmp_path: Path, tree: Path) -> None:
    """There git would otherwise skip it and say nothing."""
    apply(written(tmp_path, HEADER + DIFF), tree)
    assert (tree / "kept" / "one.txt").read_text() == "in disorder\n"


@pytest.mark.parametrize(
    ("diff", "reason"),
    [
        (DIFF.replace("kept/", "tests/"), "no test"),
        (DIFF.replace("in order", "in another order"), "does not apply"),
        ("", "it changes nothing"),
    ],
    ids=["test", "outdated", "empty"],
)
def test_a_patch_that_cannot_prove_anything_is_refused(tmp_path: Path, tree: Path, diff: str, reason: str) -> None:
    with pytest.raises(Unproved, match=reason):
        apply(written(tmp_path, HEADER + diff), tree)
    assert {(tree / name / "one.txt").read_text() for name in ("kept", "tests")} == {"in order\n"}


def test_every_promise_is_broken_by_a_patch_that_applies_to_this_tree() -> None:
    """Whoever changes what a patch changes learns it here, before `make sabotage`."""
    found = sabotages(Path(__file__).parent)
    assert {one.invariant for one in found} == set(INVARIANTS)
    for one in found:
        checked = subprocess.run(["git", "apply", "--check", one.patch], cwd=ROOT, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, f"renew {one.patch.name}: {checked.stderr}"
        file = one.test.partition("::")[0]
        assert (ROOT / file).is_file(), f"{one.patch.name} names {file}, which is no file"
