"""Refusals: what a decider answers when the facts do not allow a command. Each has a stable code and names no person."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A command that the present facts do not allow; `code` is stable, the text says what to do instead.

    The text may hold ids, codes and days; never a personal value.
    """

    code: ClassVar[str] = "refused"


class Unknown(Refusal):
    """Nothing is recorded under this id: the caller is told to check it."""

    code = "unknown"

    def __init__(self, text: str = "nothing is recorded under this id: check it") -> None:
        """Say so, in words that are the same wherever nothing more is to be said."""
        super().__init__(text)


class Invalid(Refusal):
    """The command contradicts itself or the reference data, whatever the state is."""

    code = "invalid"
