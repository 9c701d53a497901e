"""The intake service: who is in care, since which notice, with which protection, in which programme.

Owns: persons (streams `person-…`) and households (`household-…`). Emits `contracts/intake.py` on `ancora.intake`. Consumes nothing.
"""
