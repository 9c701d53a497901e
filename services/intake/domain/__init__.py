"""What intake decides: pure functions over frozen values; no clock, no ids, no input or output."""
