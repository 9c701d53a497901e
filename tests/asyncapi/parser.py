"""`make asyncapi`: validates the AsyncAPI document with the AsyncAPI project's own parser, by npm. Needs `node` and `npm`.

What is installed is what `npm/package-lock.json` names: exact versions and the hashes of their bytes, which `npm ci` compares.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "contracts" / "schemas" / "asyncapi.json"
INSTALLED = ROOT / "build" / "asyncapi"
WANTED = HERE / "npm"

_FILES = (".npmrc", "package.json", "package-lock.json")
_INSTALL_WITHIN_S = 300
_VALIDATE_WITHIN_S = 60


@dataclass(frozen=True)
class Verdict:
    """Whether the parser accepts a document without errors or warnings, and what it printed."""

    accepted: bool
    printed: str


def install(folder: Path = INSTALLED) -> Path:
    """Return the folder in which the parser is installed, installing it first where it is not; raises where npm cannot."""
    wanted = sha256(b"".join((WANTED / name).read_bytes() for name in _FILES)).hexdigest()
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in _FILES:
            shutil.copy(WANTED / name, folder)
        subprocess.run(["npm", "ci", "--loglevel=error"], cwd=folder, check=True, timeout=_INSTALL_WITHIN_S, stdout=subprocess.DEVNULL)
        mark.write_text(wanted)
    return folder


def validate(document: Path) -> Verdict:
    """Return the parser's verdict on a document, whose references lead to the files beside it."""
    argv = ["node", str(HERE / "validate.mjs"), str(document), str(install())]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=_VALIDATE_WITHIN_S)
    return Verdict(done.returncode == 0, done.stdout)


if __name__ == "__main__":
    verdict = validate(DOCUMENT)
    sys.stdout.write(verdict.printed)
    sys.exit(0 if verdict.accepted else 1)
