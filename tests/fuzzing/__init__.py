"""Schemathesis against the running services: thousands of requests that nobody would write, by somebody of another organisation."""

PLANTED = "ANCORA_PLANTED"
"""The variable that names the file in which stands what was planted."""
