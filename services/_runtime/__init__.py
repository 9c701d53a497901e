"""Machinery shared by the services. Entry rule: no domain noun lives here."""

__version__ = "0.1.0"
"""Ancora's version, here because an image holds the machinery and one service, and no installed distribution."""
