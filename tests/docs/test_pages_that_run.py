"""Every shell block of the pages is run as a reader runs it, and prints what the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import CHECKOUT
from tests.docs.blocks import blocks_of, missing_from, run_in_one_shell
from tests.docs.picture import PICTURE, take

if TYPE_CHECKING:
    from pathlib import Path

PAGES = (
    "tutorial/first-steps.md",
    "tutorial/a-persons-path.md",
    "how-to/verify-and-read-findings.md",
    "how-to/rebuild-and-republish.md",
    "how-to/handle-parked-records.md",
    "how-to/enrol-many.md",
    "explanation/envelope-and-digest.md",
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page: str, reader_folder: Path, reader_environment: dict[str, str]) -> None:
    """From top to bottom in one shell: each block ends well and prints its promises in order."""
    blocks = blocks_of(CHECKOUT / "docs" / page)
    assert any(block.promises for block in blocks)

    for ran in run_in_one_shell(blocks, folder=reader_folder, environment=reader_environment):
        missing = missing_from(ran.printed, ran.block.promises)
        assert missing is None, f"{page} line {ran.block.line} promises {missing!r} and prints:\n{ran.printed}"
        assert ran.ended_well, f"{page} line {ran.block.line} fails:\n{ran.printed}"


def test_no_page_with_shell_blocks_is_left_out() -> None:
    """A block that cannot be run by a test is marked `console`, and its page says why."""
    docs = CHECKOUT / "docs"
    with_blocks = {str(page.relative_to(docs)) for page in docs.rglob("*.md") if blocks_of(page)}

    assert with_blocks == set(PAGES)


def test_a_promise_that_is_not_kept_is_noticed() -> None:
    printed = '{"stream":"person-1","version":2}\nEverything is as it was recorded.\n'

    assert missing_from(printed, ('{"stream":"person-…","version":2', "Everything")) is None
    assert missing_from(printed, ('{…"version":3…}',)) == '{…"version":3…}'
    assert missing_from(printed, ("Everything", '{"stream"')) == '{"stream"'


def test_a_block_that_fails_ends_the_page(tmp_path: Path) -> None:
    """What comes after a failing command is not reached."""
    page = tmp_path / "page.md"
    page.write_text("```bash\necho one\n# → one\n```\n\n```bash\nfalse\n```\n\n```bash\necho three\n```\n")

    ran = run_in_one_shell(blocks_of(page), folder=tmp_path, environment={"PATH": "/usr/bin:/bin"})

    assert [one.ended_well for one in ran] == [True, False]


@pytest.mark.timeout(300)
async def test_the_picture_in_the_readme_can_be_taken_again(home: Path, tmp_path: Path) -> None:
    """Signed in, live, in real Chromium; the committed one has the same width and the form of a PNG."""
    taken = tmp_path / "page.png"

    await take(home, taken)

    assert _png_width(taken) == _png_width(PICTURE) == 1280


def _png_width(file: Path) -> int:
    head = file.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(head[16:20], "big")
