"""Reporting's edges: JSON and live figures over HTTP, the page, and signing in to it."""
