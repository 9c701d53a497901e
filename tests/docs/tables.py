"""Writes Markdown tables, so that what is generated looks the same everywhere."""

from __future__ import annotations


def row(*cells: str) -> str:
    """Return one row; what would end a cell is escaped."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def code(text: str) -> str:
    """Return a text as code."""
    return f"`{text}`"
