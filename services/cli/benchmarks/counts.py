"""How much each measure does. All of it takes about fifteen minutes on two quiet cores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The one place where the sizes of all measures stand; tests make it tiny."""

    repeats: int = 5
    """Counted pairs of ours and the floor, after one that warms up."""

    writers: int = 32
    """Writers at once, and connections."""

    appends: int = 8_000
    """Events of one run of the store's measures."""

    peer_threads: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    """Numbers of threads of which the peer's best is taken."""

    peer_saves: int = 1_500
    """Events that the peer saves in one run."""

    records: int = 20_000
    """Events of one run of the measures of Kafka and of the live read model."""

    long_history: int = 1_000_000
    """Events of a history as long as the whole system may one day have."""

    short_history: int = 100_000
    """Events of a history with whose memory that of the long one is compared."""

    long_repeats: int = 1
    """Counted pairs of the measures that go through a long history; they need no pair that warms up."""

    pace: int = 100
    """Commands per second of the measure from end to end."""

    paced: int = 1_000
    """Commands of one run of it that count."""

    paced_warm_up: int = 300
    """Commands before them that do not."""

    reads: int = 8_000
    """Reads of one run of the measure of recorded reads."""

    persons_read: int = 200
    """Persons whose records are read in it, again and again."""

    decisions: int = 20_000
    """Decisions of one run of the policies' measure, each of another record."""

    parsed_decisions: int = 200
    """Decisions of one run that parses the policies each time."""

    people: int = 100_000
    """Invented people among whom candidates are looked for."""

    people_asked: int = 50
    """Of them, who are asked about again in one run, recorded with noise."""

    tutors: int = 2_000
    """Tutors of the measure of matching."""

    waiting: int = 1_000
    """Open requests of it."""

    territories: int = 15
    """Territories over which both are spread."""

    paced_repeats: int = 3
    """Counted pairs of it."""
