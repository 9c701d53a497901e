"""Intake's aggregates as the machinery takes them."""
