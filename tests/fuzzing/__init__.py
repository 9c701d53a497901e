"""Schemathesis against the running services: thousands of requests that nobody would write, by somebody of another organisation."""
