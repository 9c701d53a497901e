"""What the gate says of all contracts together: versions, upcasters, headers and topics, and the lock that keeps what is published."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.describing import Json
from contracts.gate.catalogue import Catalogue, catalogue_breaks, committed, of_code
from contracts.gate.lock import LOCK, read_lock, rewritten, unlocked, written_lock
from contracts.upcasters import UPCASTERS
from tests.contracts.generate import write
from tests.contracts.publishing import EVENTS, FOLDER, ROOT, earlier_locks, locked_in

NOTE = "intake.note_added.v1"
WAS = of_code(EVENTS)


def with_events(*without: str, **added: Json) -> Catalogue:
    """Return what is published without some events and with others, whose names have `__` for a point."""
    kept = {name: schema for name, schema in WAS.events.items() if name not in without}
    return replace(WAS, events=kept | {name.replace("__", "."): schema for name, schema in added.items()})


def with_headers(change: Callable[[Json], Any]) -> Catalogue:
    """Return what is published, its envelope's headers changed."""
    headers = copy.deepcopy(WAS.headers)
    change(headers)
    return replace(WAS, headers=headers)


def test_what_is_published_survives_itself() -> None:
    assert not catalogue_breaks(WAS, of_code(EVENTS), UPCASTERS)


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (with_events(NOTE), f"{NOTE}: it is published no longer: nobody could read its stored events"),
        (with_events(NOTE, reporting__note_added__v1={"type": "object"}), f"{NOTE}: reporting emits it now, but its stored events"),
        (with_events(NOTE, intake__remark_made__v1=WAS.events[NOTE]), f"{NOTE}: it was renamed to intake.remark_made.v1"),
        (with_events(intake__note_added__v2=WAS.events[NOTE]), "intake.note_added: nothing leads from version 1 to 2. Add"),
        (with_events(intake__note_added__v3=WAS.events[NOTE]), "intake.note_added: version 3 is published without version 2"),
    ],
    ids=["vanished", "moved", "renamed", "no upcaster", "a gap"],
)
def test_a_version_that_goes_or_cannot_be_reached_is_told(now: Catalogue, sentence: str) -> None:
    """I11: an old event is readable for ever, under its name, from its topic."""
    found = catalogue_breaks(WAS, now, UPCASTERS)

    assert any(sentence in reason for reason in found), found


def test_a_new_version_with_its_upcaster_passes() -> None:
    """I11: this is how a contract changes."""
    now = with_events(intake__note_added__v2={"type": "object", "properties": {}})

    assert not catalogue_breaks(WAS, now, {*UPCASTERS, ("intake.note_added", 1)})


def test_an_upcaster_that_leads_nowhere_is_told() -> None:
    found = catalogue_breaks(WAS, WAS, {*UPCASTERS, ("intake.note_added", 1)})

    assert found == ["intake.note_added: an upcaster leads from version 1 to 2, and one of them is not published."]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda headers: headers["properties"].pop("ce_clock"), "header ce_clock: it was removed"),
        (lambda headers: headers["required"].remove("ce_clock"), "header ce_clock: it may be absent now"),
        (lambda headers: headers["required"].append("ce_programme"), "header ce_programme: it is required now"),
        (lambda headers: headers["properties"]["ce_clock"]["enum"].append("lunar"), 'header ce_clock: `ce_clock` got the value "lunar"'),
        (
            lambda headers: (headers["properties"].update(ce_new={"type": "string"}), headers["required"].append("ce_new")),
            "header ce_new: it is new and required",
        ),
    ],
    ids=["removed", "optional", "required", "of another shape", "new and required"],
)
def test_a_header_that_old_records_or_readers_do_not_have_is_told(change: Callable[[Json], Any], sentence: str) -> None:
    """I11: the envelope is half of the contract."""
    found = catalogue_breaks(WAS, with_headers(change), UPCASTERS)

    assert any(sentence in reason for reason in found), found


def test_a_new_optional_header_passes() -> None:
    """Readers take the headers that they know; nobody needs it."""
    assert not catalogue_breaks(WAS, with_headers(lambda headers: headers["properties"].update(ce_new={"type": "string"})), UPCASTERS)


@pytest.mark.parametrize("change", [{"partitions": 24}, {"address": "ancora.reception"}])
def test_a_topic_changed_in_place_is_told(change: Json) -> None:
    """I3, I11: with other partitions a person's events lose their order; at another address nobody waits."""
    topics = {name: {**topic, **change} if name == "intake" else topic for name, topic in WAS.topics.items()}

    (found,) = catalogue_breaks(WAS, replace(WAS, topics=topics), UPCASTERS)

    assert found.startswith("topic ancora.intake: it was address ancora.intake, partitions 12 and is ")


def test_a_schema_that_was_edited_along_with_the_code_is_told() -> None:
    """I11: then code and schema agree, and the lock knows better."""
    edited = copy.deepcopy(WAS.events[NOTE])
    edited["properties"]["beneficiary_id"]["format"] = "date"
    now = replace(WAS, events={**WAS.events, NOTE: edited})

    (found,) = unlocked(WAS.parts, now.parts)

    assert found.startswith(f"{NOTE}: its schema was edited after it was published")
    assert unlocked(WAS.parts, with_events(NOTE).parts) == [
        f"{NOTE}: it is published, and its schema was deleted. Restore it from the version control."
    ]


def test_a_line_of_the_lock_may_be_added_and_never_changed() -> None:
    """I11: whoever edits code, schema and lock together is told what git remembers."""
    assert not rewritten({"a.b.v1": "1"}, {"a.b.v1": "1", "a.b.v2": "2"})
    assert rewritten({"a.b.v1": "1"}, {"a.b.v1": "3"})[0].startswith("a.b.v1: its line in published.lock was changed after")
    assert rewritten({"a.b.v1": "1"}, {})[0].startswith("a.b.v1: its line in published.lock was taken away after")


def test_the_lock_is_read_as_it_is_written() -> None:
    assert read_lock(written_lock(WAS.parts)) == WAS.parts


def test_the_lock_of_earlier_commits_and_releases_is_found(tmp_path: Path) -> None:
    """I11: from the last two commits and every release; a tree without git has none, even where it lies in somebody else's."""
    lock = tmp_path / "contracts" / "schemas" / LOCK
    lock.parent.mkdir(parents=True)
    assert earlier_locks(tmp_path) == {}

    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.hooksPath=/dev/null"]
    subprocess.run([*git, "init", "-q"], check=True)
    for print_ in ("1", "2", "3"):
        lock.write_text(written_lock({"a.b.v1": print_}))
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", print_], check=True)
        subprocess.run([*git, "tag", f"v{print_}" if print_ == "1" else f"other-{print_}"], check=True)
    inside = tmp_path / "build" / "copy"
    inside.mkdir(parents=True)

    assert earlier_locks(tmp_path) == {"HEAD": {"a.b.v1": "3"}, "HEAD^": {"a.b.v1": "2"}, "v1": {"a.b.v1": "1"}}
    assert earlier_locks(inside) == {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of what is committed, to be written into."""
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_the_generator_changes_nothing_where_nothing_changed(folder: Path) -> None:
    """`make schemas` on a committed tree leaves every byte as it is."""
    assert write(folder, EVENTS) == []
    assert {file.name: file.read_text() for file in folder.iterdir()} == {file.name: file.read_text() for file in FOLDER.iterdir()}


def test_the_generator_publishes_what_is_new(folder: Path) -> None:
    """What has no line in the lock is not published yet, and gets both."""
    (folder / f"{NOTE}.json").unlink()
    (folder / LOCK).write_text(written_lock({name: print_ for name, print_ in WAS.parts.items() if name != NOTE}))

    assert write(folder, EVENTS) == []
    assert (folder / f"{NOTE}.json").read_text() == (FOLDER / f"{NOTE}.json").read_text()
    assert locked_in(folder) == WAS.parts


def test_the_generator_never_overwrites_what_is_published(folder: Path) -> None:
    """I11: it says which version to make instead, and writes nothing."""
    schema = json.loads((folder / f"{NOTE}.json").read_text())
    schema["properties"]["mood"] = {"type": "string"}
    (folder / f"{NOTE}.json").write_text(json.dumps(schema))
    (folder / LOCK).write_text(written_lock(committed(folder).parts))
    before = {file.name: file.read_text() for file in folder.iterdir()}

    (found,) = write(folder, EVENTS)

    assert found.startswith(f"{NOTE}: `mood` was removed: stored events have it")
    assert found.endswith(f"Restore {NOTE}, and publish the change as version 2 with an upcaster in contracts/upcasters.py.")
    assert {file.name: file.read_text() for file in folder.iterdir()} == before


def test_the_committed_tree_is_the_one_that_is_looked_at() -> None:
    assert ROOT / "contracts" / "schemas" == FOLDER
    assert committed(FOLDER).parts == WAS.parts
