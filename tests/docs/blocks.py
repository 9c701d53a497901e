"""Reads the shell blocks of a page, with what each promises to print: comments `# → …`, where `…` stands for anything."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FENCE = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMISE = re.compile(r"^# → (.*)$", re.MULTILINE)
_MARK = "=== end of block"
_WITHIN_S = 180.0


@dataclass(frozen=True)
class Block:
    """One block, the line of the page on which it begins, and the texts that it must print, in this order."""

    line: int
    text: str
    promises: tuple[str, ...]


@dataclass(frozen=True)
class Ran:
    """What one block printed, and whether all its commands ended well."""

    block: Block
    printed: str
    ended_well: bool


def blocks_of(page: Path) -> list[Block]:
    """Return the page's shell blocks in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, found.start()) + 2, found.group(1), tuple(_PROMISE.findall(found.group(1))))
        for found in _FENCE.finditer(text)
    ]


def run_in_one_shell(blocks: list[Block], *, folder: Path, environment: Mapping[str, str]) -> list[Ran]:
    """Run the blocks one after the other in one shell, as a reader does, and return what each that was begun printed.

    The shell ends at the first command that fails; the block in which that happened is the last that comes back.
    """
    script = "set -eu -o pipefail\n" + "".join(f"{block.text}\nprintf '\\n%s\\n' '{_MARK}'\n" for block in blocks)
    done = subprocess.run(
        ["bash", "-s"],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=folder,
        env=dict(environment),
        timeout=_WITHIN_S,
    )
    *ended, unended = done.stdout.split(f"\n{_MARK}\n")
    ran = [Ran(block, printed, ended_well=True) for block, printed in zip(blocks, ended, strict=False)]
    return [*ran, *(Ran(block, unended, ended_well=False) for block in blocks[len(ran) :][:1])]


def missing_from(printed: str, promises: tuple[str, ...]) -> str | None:
    """Return the first promise that is not printed after those before it, or None where all are kept."""
    place = 0
    for promise in promises:
        found = re.compile(".*?".join(map(re.escape, promise.split("…")))).search(printed, place)
        if found is None:
            return promise
        place = found.end()
    return None
