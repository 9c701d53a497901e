"""What a pathway is and what may happen on it: pure functions over frozen state, by the methodology's version."""
