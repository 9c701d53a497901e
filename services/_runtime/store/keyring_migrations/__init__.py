"""Revisions of the database of keys."""
