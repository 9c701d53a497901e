"""`make sabotage`: breaks each promise on purpose, in a copy of the tree, and passes only if the test named for it fails.

A patch begins with lines `# invariant: I3`, `# breaks: …` and `# test: tests/…::test_…`; the rest is a unified diff.
The test is first run unbroken, so that one that fails anyway proves nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIES = ROOT / "build" / "sabotage"
_HEADER = re.compile(r"^# (invariant|breaks|test): (.+)$", re.MULTILINE)
_FAILED = 1


@dataclass(frozen=True)
class Sabotage:
    """One promise, how it is broken, and the test that must notice."""

    patch: Path
    invariant: str
    breaks: str
    test: str


def sabotages(folder: Path) -> list[Sabotage]:
    """Return what the patches say of themselves, by name."""
    found = []
    for patch in sorted(folder.glob("*.patch")):
        said = dict(_HEADER.findall(patch.read_text()))
        found.append(Sabotage(patch, said["invariant"], said["breaks"], said["test"]))
    return found


def copy_tree(target: Path) -> None:
    """Copy what git would commit, and lend the copy this tree's environment."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def pytest(tree: Path, test: str) -> subprocess.CompletedProcess[str]:
    """Run one test in a tree, in this tree's environment, whose own import path must not win over the copy's."""
    argv = [sys.executable, "-P", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    # The editable install points here: the copy comes first on the path.
    environment = {
        "PYTHONPATH": str(tree),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(Path.home()),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment["ANCORA_TEST_HOME"] = str(ROOT / "build" / "test-stack")
    return subprocess.run(argv, cwd=tree, env=environment, capture_output=True, text=True, timeout=300, check=False)


def try_one(sabotage: Sabotage, tree: Path) -> str | None:
    """Return why a sabotage proves nothing, or None where the test notices it and nothing else is wrong."""
    whole = pytest(tree, sabotage.test)
    if whole.returncode != 0:
        return f"the test does not pass unbroken:\n{whole.stdout[-2000:]}"
    applied = subprocess.run(
        ["git", "apply", "--unsafe-paths", f"--directory={tree}", str(sabotage.patch)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if applied.returncode != 0:
        return f"the patch does not apply:\n{applied.stderr}"
    broken = pytest(tree, sabotage.test)
    if broken.returncode != _FAILED or "failed" not in broken.stdout or " error" in broken.stdout.splitlines()[-1]:
        return f"the test did not fail (exit {broken.returncode}):\n{broken.stdout[-2000:]}"
    return None


def main() -> int:
    """Try every patch; 1 where one proves nothing."""
    bad = 0
    for sabotage in sabotages(Path(__file__).parent):
        tree = COPIES / sabotage.patch.stem
        copy_tree(tree)
        reason = try_one(sabotage, tree)
        verdict = "noticed" if reason is None else "NOT NOTICED"
        sys.stdout.write(f"{sabotage.invariant:<4} {verdict:<12} {sabotage.patch.stem}: {sabotage.breaks}\n")
        sys.stdout.flush()
        if reason is not None:
            bad += 1
            sys.stdout.write(f"{reason}\n")
        else:
            shutil.rmtree(tree)
    sys.stdout.write(f"{bad} of the promises could be broken unnoticed\n" if bad else "every broken promise was noticed\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
