"""Intake's own lists, folded from its own feed: pseudonymous, for the organisation that is responsible."""
