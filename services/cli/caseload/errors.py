"""What stops the demonstration, in words for the person who started it."""


class DemonstrationError(Exception):
    """The caseload cannot be lived to its end; the text says what was refused, or what does not answer, and what to do."""
