"""Errors of the machinery. Retryable ones are a branch of their own, apart from bugs and from poison."""

from __future__ import annotations


class RuntimeFault(Exception):
    """Something in the machinery did not hold."""


class Retryable(RuntimeFault):
    """Trying the same again later may succeed: a lost connection, a leader elsewhere, a cause not yet arrived."""


class NotYet(Retryable):
    """An effect arrived before its cause, which is on its way through another partition or topic."""


class EventTooLarge(RuntimeFault):
    """An event would not fit into a Kafka record; refused at append, before anything is stored."""
