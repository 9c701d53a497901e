import socket
from pathlib import Path

import pytest

from deploy.local.ports import LOOPBACK, PortBook, PortTakenError, is_free


def listen(port: int = 0) -> socket.socket:
    """Listen on a loopback port, any free one by default."""
    listener = socket.socket()
    listener.bind((LOOPBACK, port))
    listener.listen()
    return listener


def test_a_name_gets_the_same_port_at_the_next_start(tmp_path: Path) -> None:
    """A book read anew remembers what an earlier one chose."""
    first = PortBook(tmp_path / "ports.json", {}).port_for("intake")
    assert PortBook(tmp_path / "ports.json", {}).port_for("intake") == first
    assert is_free(first)


def test_two_names_get_two_ports(tmp_path: Path) -> None:
    """What one name was given is not given to another, although nobody listens on it yet."""
    book = PortBook(tmp_path / "ports.json", {})
    assert len({book.port_for(f"service-{number}") for number in range(20)}) == 20


def test_another_port_is_chosen_and_remembered_where_the_remembered_one_is_taken(tmp_path: Path) -> None:
    """A start never fails because a stranger listens on the port of last time."""
    book = PortBook(tmp_path / "ports.json", {})
    taken = book.port_for("kafka")
    with listen(taken):
        other = book.port_for("kafka")
        assert other != taken
    assert book.port_for("kafka") == other


def test_the_environment_overrides_and_is_not_remembered(tmp_path: Path) -> None:
    """An override holds while it is set."""
    file = tmp_path / "ports.json"
    chosen = PortBook(file, {}).port_for("tutor-desk")
    with listen() as elsewhere:
        asked = elsewhere.getsockname()[1]
    overridden = PortBook(file, {"ANCORA_TUTOR_DESK_PORT": str(asked)})
    assert overridden.port_for("tutor-desk") == asked
    assert overridden.known("tutor-desk") == asked
    assert PortBook(file, {}).known("tutor-desk") == chosen


def test_an_override_that_is_in_use_is_refused_by_name(tmp_path: Path) -> None:
    """Nobody is moved silently away from a port they asked for."""
    with listen() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"{port}, asked for by ANCORA_KAFKA_PORT"):
            PortBook(tmp_path / "ports.json", {"ANCORA_KAFKA_PORT": str(port)}).port_for("kafka")


@pytest.mark.parametrize("text", ["0", "65536", "-1", "ninety", "80.5"])
def test_an_override_that_is_no_port_is_refused(tmp_path: Path, text: str) -> None:
    """The message names the variable."""
    with pytest.raises(PortTakenError, match="ANCORA_KAFKA_PORT must be a port number"):
        PortBook(tmp_path / "ports.json", {"ANCORA_KAFKA_PORT": text}).port_for("kafka")


def test_two_folders_begin_their_search_at_different_ports(tmp_path: Path) -> None:
    """Two checkouts that start at the same moment do not race for one port."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert PortBook(tmp_path / "a" / "ports.json", {}).port_for("kafka") != PortBook(tmp_path / "b" / "ports.json", {}).port_for("kafka")


def test_a_half_written_book_is_begun_anew(tmp_path: Path) -> None:
    """A damaged file of port numbers is no reason not to start."""
    (tmp_path / "ports.json").write_text('{"kafka": 2')
    assert PortBook(tmp_path / "ports.json", {}).port_for("kafka") > 0
