"""The service's own lists, pseudonymous, folded from its own feed."""
