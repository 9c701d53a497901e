"""What a command says when the surroundings do not allow it."""

from __future__ import annotations


class DeploymentError(Exception):
    """The surroundings do not allow it; the text says what to set or to start."""
