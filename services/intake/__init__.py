"""The intake service: who is in care, since which notice, with which protection, in which programme.

Owns: persons (streams `person-…`) and households (`household-…`), referrals (`referral-…`). Emits `contracts/intake.py`,
`contracts/referrals.py`, `contracts/disclosures.py`, `contracts/documents.py`, `contracts/aliases.py` and, of an
erasure that it conducts, `contracts/erasure.py` on `ancora.intake`. Consumes every topic, for erasures alone.
"""
