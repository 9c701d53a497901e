"""One sabotage: a patch that says which promise it breaks and which test must notice, and its trial in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INVARIANTS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I11", "I12", "rule", "trap")
"""The promises that must be broken at least once, each noticed. A rule is one that deciders hold; a trap is a default of others' code
that breaks several."""

_HEADER = re.compile(r"# (invariant|breaks|test): (\S.*)")
_EMPTIED = re.compile(r"^@@ .* \+0,0 @@", re.MULTILINE)
_PASSED, _FAILED = 0, 1
_FAILURE = re.compile(r"^E\s+(\S.*)$", re.MULTILINE)
_REASON = re.compile(r"^_+ .* _+\n(\S.*)$", re.MULTILINE)
"""What stands below a test's headline: the reason, where a test fails in its own words and without a traceback."""
_NO_PROOF = ("NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError")
"""Failures of code that does not even run: they would be noticed without any test of the promise."""

_ELSEWHERE = 70
# The environment's editable install points to the tree that is being copied: what is tested must be the copy.
_PYTEST_OF_THE_COPY = f"""
import sys, pathlib, contracts, deploy, services, tests
tree = pathlib.Path.cwd()
if any(not pathlib.Path(root.__path__[0]).is_relative_to(tree) for root in (contracts, deploy, services, tests)):
    sys.exit({_ELSEWHERE})
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
_LONGEST_S = 300


class Unproved(Exception):
    """A sabotage that shows nothing, and why."""


@dataclass(frozen=True)
class Sabotage:
    """One promise, how it is broken, and the test that must notice."""

    patch: Path
    invariant: str
    breaks: str
    test: str


def sabotages(folder: Path) -> list[Sabotage]:
    """Return what the patches say of themselves, promise by promise; raises `Unproved` where one does not say it all."""
    found = [_read(patch) for patch in folder.glob("*.patch")]
    return sorted(found, key=lambda one: (INVARIANTS.index(one.invariant), one.patch.name))


def _read(patch: Path) -> Sabotage:
    said: dict[str, str] = {}
    for line in patch.read_text().splitlines():
        if not line.startswith("#"):
            break
        header = _HEADER.fullmatch(line)
        if header is not None:
            said[header[1]] = header[2].strip()
    missing = [f"# {name}: …" for name in ("invariant", "breaks", "test") if name not in said]
    if missing:
        raise Unproved(f"{patch.name} does not begin with {', '.join(missing)}")
    if _EMPTIED.search(patch.read_text()):
        raise Unproved(f"{patch.name} takes a file away: whoever imports it fails, which proves nothing")
    if said["invariant"] not in INVARIANTS:
        raise Unproved(f"{patch.name} breaks {said['invariant']}, which is none of {', '.join(INVARIANTS)}")
    return Sabotage(patch, said["invariant"], said["breaks"], said["test"])


def copy_tree(source: Path, target: Path) -> None:
    """Make `target` a copy of what git would commit of `source`."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=source, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def apply(patch: Path, tree: Path) -> None:
    """Apply a patch to a tree; raises `Unproved` where it does not apply or changes anything but what is run."""
    # A copy inside a repository's work tree is otherwise taken for a part of it, and the patch is skipped in silence.
    apart = os.environ | {"GIT_CEILING_DIRECTORIES": str(tree.parent)}
    listing = subprocess.run(["git", "apply", "--numstat", "-z", patch], cwd=tree, env=apart, capture_output=True, text=True, check=False)
    files = [line.split("\t")[2] for line in listing.stdout.split("\0") if line]
    if not files or any(file.startswith("tests/") for file in files):
        raise Unproved(f"the patch must change what is run, and no test; it changes {files or 'nothing'} {listing.stderr}".strip())
    before = {file: (tree / file).read_bytes() for file in files if (tree / file).is_file()}
    done = subprocess.run(["git", "apply", patch], cwd=tree, env=apart, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unproved(f"the patch does not apply any more: {done.stderr.strip()}")
    if len(before) != len(files) or any((tree / file).read_bytes() == content for file, content in before.items()):
        raise Unproved("the patch changed nothing")


def run_tests(tree: Path, tests: list[str], parts: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run tests with a copy's own code, in this tree's environment, on the real parts at the given addresses."""
    argv = [sys.executable, "-P", "-c", _PYTEST_OF_THE_COPY, "-q", "-x", "--tb=short", "-p", "no:cacheprovider", *tests]
    environment = os.environ | parts | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(argv, cwd=tree, env=environment, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        raise Unproved(f"the tests did not end within {_LONGEST_S} s") from None
    if done.returncode == _ELSEWHERE:
        raise Unproved("the tests would not run the copy's code")
    return done


def demand_passing(tree: Path, tests: list[str], parts: dict[str, str]) -> None:
    """Run the tests unbroken, for one that fails anyway proves nothing; raises `Unproved`."""
    done = run_tests(tree, tests, parts)
    if done.returncode != _PASSED:
        raise Unproved(f"a test does not pass unbroken:\n{_end_of(done.stdout)}")


def demand_failing(tree: Path, sabotage: Sabotage, parts: dict[str, str]) -> str:
    """Run the test on the broken copy and return how it failed; raises `Unproved` where it passes, or fails for another reason."""
    done = run_tests(tree, [sabotage.test], parts)
    summary = done.stdout.strip().rpartition("\n")[2]
    if done.returncode != _FAILED or " failed" not in f" {summary}" or " error" in summary:
        raise Unproved(f"{sabotage.test} did not fail (exit {done.returncode}):\n{_end_of(done.stdout)}")
    failures: list[str] = _FAILURE.findall(done.stdout) or _REASON.findall(done.stdout)
    how = failures[0] if failures else "failed"
    if how.startswith(_NO_PROOF):
        raise Unproved(f"the broken code does not run: {how}")
    return how


def _end_of(output: str) -> str:
    return "\n".join(output.splitlines()[-40:])
