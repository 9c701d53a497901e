import asyncio
from pathlib import Path

import pytest

from deploy.local.paths import Home, HomeBusyError, NotOurFolderError


def test_a_folder_that_holds_something_else_is_neither_used_nor_emptied(tmp_path: Path) -> None:
    """A wrong ANCORA_HOME costs nobody their files."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotOurFolderError, match="is no Ancora data folder"):
        Home(tmp_path).prepare()
    with pytest.raises(NotOurFolderError):
        Home(tmp_path).clear()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_in_which_the_wrapper_was_first_is_used(tmp_path: Path) -> None:
    """The wrapper may have put uv there before anything else."""
    (tmp_path / "uv").mkdir()
    Home(tmp_path).prepare()
    Home(tmp_path).prepare()
    assert Home(tmp_path).secrets.stat().st_mode & 0o077 == 0


def test_clearing_keeps_downloads_and_port_numbers_only(tmp_path: Path) -> None:
    """A reset begins anew without fetching anew."""
    home = Home(tmp_path)
    home.prepare()
    (home.jars / "kafka").mkdir()
    (home.root / "ports.json").write_text("{}")
    (home.secrets / "key").write_text("k")
    (home.root / "postgres").mkdir()
    home.clear()
    assert {entry.name for entry in tmp_path.iterdir()} == {".ancora-home", "jars", "ports.json", "run"}
    assert (home.jars / "kafka").is_dir()


async def test_the_lock_lets_one_command_in_at_a_time(tmp_path: Path) -> None:
    """Two commands that start the same stack wait for each other."""
    home = Home(tmp_path)
    home.prepare()
    inside = 0
    worst = 0

    async def work() -> None:
        nonlocal inside, worst
        async with home.lock():
            inside += 1
            worst = max(worst, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(4)))
    assert worst == 1


def test_what_two_at_once_would_spoil_is_refused_to_the_second_and_free_afterwards(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    with home.alone("measuring"):
        with pytest.raises(HomeBusyError, match="another process is measuring"), home.alone("measuring"):
            pass
        with home.alone("something else"):
            pass
    with home.alone("measuring"):
        pass
