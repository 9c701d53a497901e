import hashlib
from pathlib import Path

import pytest

from deploy.local.jars import KAFKA_VERSION, JarError, committed_hashes, kafka_jars, verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two jars."""
    (tmp_path / "broker.jar").write_bytes(b"broker")
    (tmp_path / "clients.jar").write_bytes(b"clients")
    return tmp_path


HASHES = {"broker.jar": hashlib.sha256(b"broker").hexdigest(), "clients.jar": hashlib.sha256(b"clients").hexdigest()}


def test_the_committed_jars_pass(folder: Path) -> None:
    """The check does not refuse what it should accept."""
    verify(folder, HASHES)


def test_a_single_changed_byte_is_refused_with_both_hashes(folder: Path) -> None:
    """Code that nobody committed to never runs."""
    (folder / "broker.jar").write_bytes(b"brokes")
    with pytest.raises(JarError, match=f"broker.jar was altered.*{HASHES['broker.jar']}"):
        verify(folder, HASHES)


def test_a_missing_jar_is_refused(folder: Path) -> None:
    """A download that was cut off is not started from."""
    (folder / "clients.jar").unlink()
    with pytest.raises(JarError, match=r"clients\.jar is missing"):
        verify(folder, HASHES)


def test_a_jar_that_is_not_listed_is_refused(folder: Path) -> None:
    """The whole folder is on the class path, so a stranger in it would be loaded."""
    (folder / "stranger.jar").write_bytes(b"?")
    with pytest.raises(JarError, match=r"stranger\.jar in .* is not in kafka-jars\.sha256"):
        verify(folder, HASHES)


def test_altered_jars_in_the_data_folder_are_refused_without_a_network(tmp_path: Path) -> None:
    """What is there already is checked at every start."""
    kept = tmp_path / f"kafka-{KAFKA_VERSION}"
    kept.mkdir()
    for name in committed_hashes():
        (kept / name).write_bytes(b"altered")
    with pytest.raises(JarError, match="was altered"):
        kafka_jars(tmp_path)


def test_the_committed_list_is_of_the_version_that_is_resolved() -> None:
    """Raising the version without renewing the list is noticed here."""
    hashes = committed_hashes()
    assert f"kafka_2.13-{KAFKA_VERSION}.jar" in hashes
    assert all(len(digest) == 64 and name.endswith(".jar") for name, digest in hashes.items())
