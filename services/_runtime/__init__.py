"""Machinery shared by the services. Entry rule: no domain noun lives here."""
