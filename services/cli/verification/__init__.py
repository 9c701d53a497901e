"""What `ancora verify` checks: every digest and chain recomputed, and each place compared with the place it came from."""
