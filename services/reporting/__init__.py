"""Reporting. Owns: the journal, and the read models over it. Emits: nothing yet. Consumes: every service's events, as the ingester."""
